// Parsed JSON, read member by member: what is missing, of the wrong form or unknown is refused.

import { byCodePoints, codePointsIn, printable } from "./names.js";

/** @typedef {import("./jcs.js").Json} Json */
/** @typedef {typeof import("./errors.js").InvalidInput} ErrorClass */
/** @typedef {{ pattern?: RegExp, maxLength?: number, form?: string }} StringRules */

const NO_HEX = /[^0-9a-f]/;

/** The members of one object, each to be taken once. */
export class Fields {
  /** @type {Map<string, Json>} */
  #left;
  #error;

  /**
   * @param {Json | undefined} value
   * @param {string} path of the object, for messages
   * @param {ErrorClass} error what is thrown
   */
  constructor(value, path, error) {
    this.path = path;
    this.#error = error;
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new error(`${path} must be an object.`, "wrong-type", undefined, path);
    }
    this.#left = new Map(Object.entries(value));
  }

  /**
   * The error about a member.
   *
   * @param {string} name
   * @param {string} problem
   * @param {string} code
   * @param {number} [position]
   */
  fail(name, problem, code, position) {
    const field = `${this.path}.${name}`;
    return new this.#error(`${field} ${problem}.`, code, position, field);
  }

  /**
   * Whether a member is there and not yet taken.
   *
   * @param {string} name
   */
  has(name) {
    return this.#left.has(name);
  }

  /**
   * @param {string} name
   * @returns {Json}
   */
  take(name) {
    const value = this.#left.get(name);
    if (value === undefined) {
      throw this.fail(name, "is missing", "missing-field");
    }
    this.#left.delete(name);
    return value;
  }

  /**
   * What `read` makes of a member; undefined where it is absent. `null` is not absent.
   *
   * @template T
   * @param {string} name
   * @param {(name: string) => T} read
   */
  optional(name, read) {
    return this.has(name) ? read(name) : undefined;
  }

  /**
   * A string that is not empty.
   *
   * @param {string} name
   * @param {StringRules} [rules] `maxLength` is in code points; `form` says in words what the pattern demands
   */
  string(name, { pattern, maxLength = 4096, form } = {}) {
    const value = this.take(name);
    if (typeof value !== "string") {
      throw this.fail(name, "must be a string", "wrong-type");
    }
    if (value === "" || (value.length > maxLength && codePointsIn(value) > maxLength)) {
      throw this.fail(name, `must have 1 to ${maxLength} characters`, "wrong-length");
    }
    if (pattern !== undefined && !pattern.test(value)) {
      throw this.fail(name, form === undefined ? `must match ${pattern.source}` : `must be ${form}`, "wrong-form");
    }
    return value;
  }

  /**
   * @param {string} name
   * @param {string} expected the tag of a format's version
   */
  constant(name, expected) {
    this.oneOf(name, [expected]);
  }

  /**
   * @template {string} T
   * @param {string} name
   * @param {T[]} expected the tags of a format's versions
   * @returns {T}
   */
  oneOf(name, expected) {
    const value = this.take(name);
    const found = expected.find((one) => one === value);
    if (found === undefined) {
      throw this.fail(name, `must be "${expected.join('" or "')}"`, "unknown-version");
    }
    return found;
  }

  /**
   * @param {string} name
   * @param {number} low
   * @param {number} high
   */
  integer(name, low, high) {
    const value = this.take(name);
    if (typeof value !== "number" || !Number.isInteger(value)) {
      throw this.fail(name, "must be an integer", "wrong-type");
    }
    if (value < low || value > high) {
      throw this.fail(name, `must be within ${low} and ${high}`, "out-of-range");
    }
    return value;
  }

  /**
   * The digits of bytes in lower-case hex, without prefix.
   *
   * @param {string} name
   * @param {{ size?: number, prefix?: "" | "0x" }} [rules]
   */
  hex(name, { size, prefix = "" } = {}) {
    const value = this.take(name);
    if (typeof value !== "string") {
      throw this.fail(name, "must be a string", "wrong-type");
    }
    const digits = value.slice(prefix.length);
    if (!value.startsWith(prefix) || digits.length % 2 === 1 || NO_HEX.test(digits)) {
      throw this.fail(name, `must be lower-case hex${prefix && " with 0x"}`, "wrong-form");
    }
    if (size !== undefined && digits.length !== 2 * size) {
      throw this.fail(name, `must have ${size} bytes`, "wrong-length");
    }
    return digits;
  }

  /**
   * @param {string} name
   * @param {number} maxItems
   */
  array(name, maxItems) {
    const value = this.take(name);
    if (!Array.isArray(value)) {
      throw this.fail(name, "must be an array", "wrong-type");
    }
    if (value.length > maxItems) {
      throw this.fail(name, `must have at most ${maxItems} items`, "wrong-length");
    }
    return value;
  }

  /**
   * The members of a member.
   *
   * @param {string} name
   */
  child(name) {
    return new Fields(this.take(name), `${this.path}.${name}`, this.#error);
  }

  /** Refuses members that were not taken. */
  done() {
    const [unknown] = [...this.#left.keys()].sort(byCodePoints);
    if (unknown !== undefined) {
      throw this.fail(printable(unknown), "is not a known field", "unknown-field");
    }
  }
}
