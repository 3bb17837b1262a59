// The selectors of a profile: a small part of CSS (docs/spec/html.md, The profile).

import { InvalidText } from "./errors.js";
import { asciiLower, isElement } from "./tree.js";

/** @typedef {import("./tree.js").PageElement} PageElement */

/** @typedef {(element: PageElement) => boolean} Test */

/**
 * @typedef {object} Compound
 * @property {boolean} child whether it must be a child of what the one before matches, not only inside it
 * @property {Test[]} tests
 */

/** @typedef {Compound[]} Complex */

const MAX_LENGTH = 500;
const DIGITS = 4;

const LETTER = /^[A-Za-z]$/;
const NAME = /^[A-Za-z0-9_-]$/;
const IDENT_START = /^[A-Za-z_-]$/;
const OPERATORS = ["=", "~=", "^=", "$=", "*="];

/**
 * @param {string} selector
 * @returns {Complex[]}
 * @throws {InvalidText} `invalid-profile`, with the position in code points if the length is as it should be
 */
export function parseSelector(selector) {
  const chars = [...selector];
  if (chars.length < 1 || chars.length > MAX_LENGTH) {
    throw new InvalidText(`A selector has 1 to ${MAX_LENGTH} code points.`, "invalid-profile");
  }
  const reader = new Reader(chars);
  const list = [readComplex(reader)];
  while (!reader.atEnd()) {
    // A comma: readComplex goes on until it meets one.
    reader.take(",");
    reader.skipSpaces();
    list.push(readComplex(reader));
  }
  return list;
}

/** Reads one code point after another; a selector ends, or is wrong, where it says so. */
class Reader {
  at = 0;

  /** @param {string[]} chars */
  constructor(chars) {
    this.chars = chars;
  }

  atEnd() {
    return this.at === this.chars.length;
  }

  /** The next code point; at the end an empty string. */
  next() {
    return this.chars[this.at] ?? "";
  }

  /** @param {string} text which must come next */
  take(text) {
    for (const char of text) {
      if (this.next() !== char) {
        throw this.error();
      }
      this.at += 1;
    }
  }

  /**
   * @param {(char: string) => boolean} first what the first must be
   * @param {(char: string) => boolean} rest what may follow
   */
  word(first, rest) {
    let word = "";
    for (let test = first; test(this.next()); test = rest) {
      word += this.next();
      this.at += 1;
    }
    if (word === "") {
      throw this.error();
    }
    return word;
  }

  skipSpaces() {
    const start = this.at;
    while (this.next() === " ") {
      this.at += 1;
    }
    return this.at > start;
  }

  error() {
    const what = this.atEnd() ? "ends too early" : `is wrong at code point ${this.at + 1}`;
    return new InvalidText(`The selector ${what}. See docs/spec/html.md for what may stand there.`, "invalid-profile", this.at);
  }
}

/** @param {Reader} reader */
function readComplex(reader) {
  /** @type {Complex} */
  const complex = [{ child: false, tests: readCompound(reader) }];
  for (;;) {
    const spaces = reader.skipSpaces();
    const next = reader.next();
    if (next === "," || (next === "" && !spaces)) {
      return complex;
    }
    const child = next === ">";
    if (child) {
      reader.take(">");
      reader.skipSpaces();
    } else if (!spaces) {
      throw reader.error();
    }
    complex.push({ child, tests: readCompound(reader) });
  }
}

/** @param {Reader} reader */
function readCompound(reader) {
  /** @type {Test[]} */
  const tests = [({ html }) => html];
  const next = reader.next();
  if (next === "*") {
    reader.take("*");
  } else if (LETTER.test(next)) {
    const name = readName(reader);
    tests.push((element) => element.name === name);
  } else {
    tests.push(readSuffix(reader));
  }
  while ("#.[:".includes(reader.next()) && !reader.atEnd()) {
    tests.push(readSuffix(reader));
  }
  return tests;
}

/** @param {Reader} reader */
function readName(reader) {
  const isLetter = (/** @type {string} */ char) => LETTER.test(char);
  return asciiLower(reader.word(isLetter, (char) => NAME.test(char)));
}

/** @param {Reader} reader */
function readIdent(reader) {
  return reader.word(
    (char) => IDENT_START.test(char) || char >= "\u00a0",
    (char) => NAME.test(char) || char >= "\u00a0",
  );
}

/**
 * @param {Reader} reader
 * @returns {Test}
 */
function readSuffix(reader) {
  switch (reader.next()) {
    case "#": {
      reader.take("#");
      const id = readIdent(reader);
      return ({ attributes }) => attributes.get("id") === id;
    }
    case ".": {
      reader.take(".");
      const name = readIdent(reader);
      return ({ attributes }) => hasWord(attributes.get("class") ?? "", name);
    }
    case "[":
      return readAttribute(reader);
    case ":":
      return readPlace(reader);
    default:
      throw reader.error();
  }
}

/**
 * @param {Reader} reader
 * @returns {Test}
 */
function readAttribute(reader) {
  reader.take("[");
  const name = readName(reader);
  if (reader.next() === "]") {
    reader.take("]");
    return ({ attributes }) => attributes.has(name);
  }
  const operator = OPERATORS.find(([char]) => char === reader.next());
  if (operator === undefined) {
    throw reader.error();
  }
  reader.take(`${operator}"`);
  let value = "";
  while (reader.next() !== '"') {
    const char = reader.next();
    if (char === "" || char === "\\" || char < " " || char === "\u007f") {
      throw reader.error();
    }
    value += char;
    reader.at += 1;
  }
  reader.take('"]');
  return ({ attributes }) => attributes.has(name) && compares(operator, attributes.get(name) ?? "", value);
}

/**
 * @param {string} operator
 * @param {string} content
 * @param {string} value
 */
function compares(operator, content, value) {
  switch (operator) {
    case "=":
      return content === value;
    case "~=":
      return hasWord(content, value);
    case "^=":
      return value !== "" && content.startsWith(value);
    case "$=":
      return value !== "" && content.endsWith(value);
    default:
      return value !== "" && content.includes(value);
  }
}

/**
 * Whether a word is one of those that ASCII white space separates.
 *
 * @param {string} words
 * @param {string} word
 */
function hasWord(words, word) {
  return word !== "" && words.includes(word) && words.split(/[\t\n\f\r ]+/).includes(word);
}

/**
 * @param {Reader} reader
 * @returns {Test}
 */
function readPlace(reader) {
  reader.take(":nth-");
  const ofType = reader.next() === "o";
  reader.take(ofType ? "of-type(" : "child(");
  let digits = "";
  while (/^[0-9]$/.test(reader.next()) && digits.length < DIGITS && !(digits === "" && reader.next() === "0")) {
    digits += reader.next();
    reader.at += 1;
  }
  if (digits === "") {
    throw reader.error();
  }
  reader.take(")");
  const place = Number(digits);
  return ({ index, typeIndex }) => (ofType ? typeIndex : index) === place;
}

/**
 * The elements that each selector matches, in document order.
 *
 * One way through the tree: what of each selector is met on the way down is known at each element.
 *
 * @param {PageElement} root
 * @param {Complex[][]} selectors
 * @returns {Set<PageElement>[]}
 */
export function matchAll(root, selectors) {
  /** @type {Set<PageElement>[]} */
  const found = selectors.map(() => new Set());
  const complexes = selectors.flatMap((list, selector) => list.map((complex) => ({ complex, into: found[selector] })));
  const nothing = complexes.map(({ complex }) => complex.map(() => false));
  /** @typedef {{ node: PageElement, at: number, here: boolean[][], above: boolean[][] }} Level */
  /** @type {Level[]} */
  const open = [{ node: root, at: 0, here: nothing, above: nothing }];
  for (let level = open.at(-1); level !== undefined; level = open.at(-1)) {
    const { node, here, above } = level;
    const child = node.children[level.at];
    level.at += 1;
    if (child === undefined) {
      open.pop();
    } else if (isElement(child) && child.html) {
      const met = complexes.map(({ complex }, index) => meet(child, complex, here[index], above[index]));
      complexes.forEach(({ into }, index) => met[index].at(-1) && into.add(child));
      const over = met.map((parts, index) => (parts.includes(true) ? parts.map((now, part) => now || above[index][part]) : above[index]));
      open.push({ node: child, at: 0, here: met, above: over });
    }
  }
  return found;
}

/**
 * Which parts of a selector, from the left, are complete at an element.
 *
 * @param {PageElement} element
 * @param {Complex} complex
 * @param {boolean[]} here those that are at its parent
 * @param {boolean[]} above those that are at any of its ancestors
 * @returns {boolean[]}
 */
function meet(element, complex, here, above) {
  return complex.map(({ child, tests }, part) => {
    return (part === 0 || (child ? here : above)[part - 1]) && tests.every((test) => test(element));
  });
}
