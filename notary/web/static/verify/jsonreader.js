// JSON by RFC 8259, read strictly: docs/spec/record.md §1. Its depth is bounded before; see jcs.js.

import { MalformedJson } from "./errors.js";
import { codePointsIn, printable } from "./names.js";

/** @typedef {import("./jcs.js").Json} Json */

const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?/y;
// Searched for, since a pattern for what is between would need memory for each character of a long string.
const NOT_PLAIN = /["\\\u0000-\u001f]/g;
const WHITE = " \t\n\r";

/** @type {Record<string, string>} */
const UNESCAPED = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
/** @type {[string, Json][]} */
const WORDS = [["true", true], ["false", false], ["null", null]];

/** Reads one value, with nothing before and after it but white space. */
export class JsonReader {
  #text;
  #at = 0;

  /** @param {string} text */
  constructor(text) {
    this.#text = text;
  }

  /**
   * @returns {Json}
   * @throws {MalformedJson} `json-syntax`, `json-number`, `json-duplicate-name`, whatever comes first
   */
  read() {
    this.#skipWhite();
    const value = this.#value();
    this.#skipWhite();
    if (this.#at < this.#text.length) {
      throw this.#syntax("something follows the value");
    }
    return value;
  }

  /** @returns {Json} */
  #value() {
    const char = this.#text[this.#at];
    if (char === '"') {
      return this.#string();
    }
    if (char === "{" || char === "[") {
      this.#at += 1;
      this.#skipWhite();
      return char === "{" ? this.#object() : this.#array();
    }
    for (const [word, value] of WORDS) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return value;
      }
    }
    return this.#number();
  }

  #object() {
    /** @type {[string, Json][]} */
    const members = [];
    if (!this.#take("}")) {
      do {
        this.#skipWhite();
        if (this.#text[this.#at] !== '"') {
          throw this.#syntax("a name in quotes is expected");
        }
        const name = this.#string();
        this.#skipWhite();
        if (!this.#take(":")) {
          throw this.#syntax("a colon is expected");
        }
        this.#skipWhite();
        members.push([name, this.#value()]);
        this.#skipWhite();
      } while (this.#take(","));
      if (!this.#take("}")) {
        throw this.#syntax("a comma or } is expected");
      }
    }
    /** @type {{ [name: string]: Json }} */
    const object = Object.create(null);
    for (const [name, value] of members) {
      if (name in object) {
        throw new MalformedJson("A name occurs twice in one object.", "json-duplicate-name", undefined, printable(name));
      }
      object[name] = value;
    }
    return object;
  }

  #array() {
    /** @type {Json[]} */
    const items = [];
    if (!this.#take("]")) {
      do {
        this.#skipWhite();
        items.push(this.#value());
        this.#skipWhite();
      } while (this.#take(","));
      if (!this.#take("]")) {
        throw this.#syntax("a comma or ] is expected");
      }
    }
    return items;
  }

  #string() {
    this.#at += 1;
    let text = this.#plain();
    while (!this.#take('"')) {
      if (!this.#take("\\")) {
        throw this.#syntax("a string does not end");
      }
      text += this.#escape() + this.#plain();
    }
    return text;
  }

  #plain() {
    NOT_PLAIN.lastIndex = this.#at;
    const start = this.#at;
    this.#at = NOT_PLAIN.exec(this.#text)?.index ?? this.#text.length;
    return this.#text.slice(start, this.#at);
  }

  #escape() {
    const char = this.#text[this.#at];
    if (char === "u" && /^[0-9a-fA-F]{4}$/.test(this.#text.slice(this.#at + 1, this.#at + 5))) {
      this.#at += 5;
      return String.fromCharCode(parseInt(this.#text.slice(this.#at - 4, this.#at), 16));
    }
    if (char === undefined || !Object.hasOwn(UNESCAPED, char)) {
      throw this.#syntax("an escape is none");
    }
    this.#at += 1;
    return UNESCAPED[char];
  }

  #number() {
    const start = this.#at;
    NUMBER.lastIndex = start;
    const [literal, fraction, exponent] = NUMBER.exec(this.#text) ?? [];
    const isNamed = ["NaN", "Infinity", "-Infinity"].some((name) => this.#text.startsWith(name, start));
    if (literal === undefined && !isNamed) {
      throw this.#syntax("a value is expected");
    }
    const value = Number(literal);
    if (fraction !== undefined || exponent !== undefined || !Number.isSafeInteger(value) || Object.is(value, -0)) {
      throw new MalformedJson("A number is not an integer within ±(2^53−1).", "json-number", this.#place());
    }
    this.#at += /** @type {string} */ (literal).length;
    return value;
  }

  #skipWhite() {
    while (WHITE.includes(this.#text[this.#at] ?? "none")) {
      this.#at += 1;
    }
  }

  /** @param {string} char */
  #take(char) {
    const found = this.#text[this.#at] === char;
    this.#at += found ? 1 : 0;
    return found;
  }

  #place() {
    return codePointsIn(this.#text.slice(0, this.#at));
  }

  /** @param {string} problem */
  #syntax(problem) {
    return new MalformedJson(`Not JSON: ${problem}.`, "json-syntax", this.#place());
  }
}
