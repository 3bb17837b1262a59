// Strict JSON in, canonical JSON out: RFC 8785 and docs/spec/record.md §1.

import { decode, encode } from "./bytes.js";
import { InvalidText, MalformedJson } from "./errors.js";
import { JsonReader } from "./jsonreader.js";
import { decodeUtf8 } from "./plain_decoding.js";

/** @typedef {null | boolean | number | string | Json[] | { [name: string]: Json }} Json */

export const MAX_INTEGER = Number.MAX_SAFE_INTEGER;
const MAX_DEPTH = 32;

const HALF_OR_NUL = /[\ud800-\udfff\0]/u;
const TO_ESCAPE = /[\u0000-\u001f"\\]/g;
const [QUOTE, BACKSLASH] = [0x22, 0x5c];

/** @type {Record<string, string>} */
const ESCAPED = { '"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * The value of strict JSON; its objects have no prototype. Positions are offsets in bytes for the encoding and for what is
 * not canonical, in characters otherwise.
 *
 * @param {Uint8Array} bytes
 * @param {number} maxBytes
 * @returns {Json}
 * @throws {MalformedJson} `json-too-large`, `json-encoding`, `json-depth`, `json-syntax`, `json-number`,
 *   `json-duplicate-name` with the name as the field, `json-string`
 */
export function parseJson(bytes, maxBytes) {
  if (bytes.length > maxBytes) {
    throw new MalformedJson(`The JSON has ${bytes.length} bytes; the limit is ${maxBytes}.`, "json-too-large");
  }
  const text = decode(bytes);
  if (text === undefined) {
    throw new MalformedJson("JSON must be UTF-8.", "json-encoding", firstUndecodable(bytes));
  }
  if (text.startsWith("\ufeff")) {
    throw new MalformedJson("JSON must not start with a byte order mark.", "json-encoding", 0);
  }
  checkDepth(bytes);
  const value = new JsonReader(text).read();
  checkStrings(value);
  return value;
}

/** @param {Uint8Array} bytes */
function firstUndecodable(bytes) {
  try {
    decodeUtf8(bytes);
    return undefined;
  } catch (error) {
    return error instanceof InvalidText ? error.position : undefined;
  }
}

/**
 * The value of JSON that is byte for byte in canonical form; one final LF is tolerated.
 *
 * @param {Uint8Array} bytes
 * @param {number} maxBytes
 * @returns {Json}
 * @throws {MalformedJson} as parseJson, and `json-not-canonical` with the first byte that differs
 */
export function parseExactJson(bytes, maxBytes) {
  const value = parseJson(bytes, maxBytes);
  const body = bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes;
  const canonical = canonicalJson(value);
  const length = Math.min(body.length, canonical.length);
  let at = 0;
  while (at < length && body[at] === canonical[at]) {
    at += 1;
  }
  if (at < body.length || at < canonical.length) {
    throw new MalformedJson("The JSON is not in canonical form (RFC 8785).", "json-not-canonical", at);
  }
  return value;
}

/**
 * The RFC 8785 bytes of a value.
 *
 * @param {Json} value
 * @returns {Uint8Array}
 * @throws {MalformedJson} `json-number`, `json-string`, `json-depth`: what parseJson would refuse
 */
export const canonicalJson = (value) => encode(write(value, MAX_DEPTH));

/**
 * @param {Json} value
 * @param {number} depth how many levels are left
 * @returns {string}
 */
function write(value, depth) {
  if (typeof value === "string") {
    return writeString(value);
  }
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) {
      throw new MalformedJson("A number is not an integer within ±(2^53−1).", "json-number");
    }
    return String(value);
  }
  if (value === null || typeof value === "boolean") {
    return String(value);
  }
  if (depth === 0) {
    throw new MalformedJson(`A value is nested deeper than ${MAX_DEPTH} levels.`, "json-depth");
  }
  if (Array.isArray(value)) {
    return `[${value.map((item) => write(item, depth - 1)).join(",")}]`;
  }
  // The order of JavaScript's strings is that of RFC 8785 §3.2.3: by UTF-16 code units.
  const members = Object.keys(value).sort().map((name) => `${writeString(name)}:${write(value[name], depth - 1)}`);
  return `{${members.join(",")}}`;
}

/** @param {string} text */
function writeString(text) {
  checkString(text);
  return `"${text.replace(TO_ESCAPE, (char) => ESCAPED[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`)}"`;
}

/** @param {string} text */
function checkString(text) {
  if (HALF_OR_NUL.test(text)) {
    throw new MalformedJson("A string contains NUL or half of a surrogate pair.", "json-string");
  }
}

/** @param {Json} value */
function checkStrings(value) {
  if (typeof value === "string") {
    checkString(value);
  } else if (typeof value === "object" && value !== null) {
    for (const [name, item] of Object.entries(value)) {
      checkString(name);
      checkStrings(item);
    }
  }
}

/**
 * Bounds the nesting before anything is read; strings are passed over.
 *
 * @param {Uint8Array} bytes
 */
function checkDepth(bytes) {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (inString) {
      if (byte === BACKSLASH) {
        at += 1;
      } else if (byte === QUOTE) {
        inString = false;
      }
    } else if (byte === QUOTE) {
      inString = true;
    } else if (byte === 0x5b || byte === 0x7b) {
      depth += 1;
      if (depth > MAX_DEPTH) {
        throw new MalformedJson(`JSON nested deeper than ${MAX_DEPTH} levels.`, "json-depth", at);
      }
    } else if (byte === 0x5d || byte === 0x7d) {
      depth -= 1;
    }
  }
}
