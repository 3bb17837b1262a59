// The two small encodings inside notes, checkpoints and proofs, one spelling a value: docs/spec/log.md.

import { InvalidNote } from "./errors.js";
import { MAX_SIZE } from "./merkle.js";

const DECIMAL = /^(?:0|[1-9][0-9]{0,18})$/;

/**
 * A number below 2^63 in ASCII digits, without sign and leading zeros.
 *
 * @param {string} text
 * @param {string} field
 * @throws {InvalidNote} `wrong-number`
 */
export function parseDecimal(text, field) {
  const value = DECIMAL.test(text) ? BigInt(text) : undefined;
  if (value === undefined || value > MAX_SIZE) {
    throw new InvalidNote(`${field} must be a decimal number below 2^63.`, "wrong-number", undefined, field);
  }
  return value;
}

/**
 * The bytes of base64 (RFC 4648 §4) in its one spelling.
 *
 * @param {string} text
 * @param {string} field
 * @param {number} [size]
 * @throws {InvalidNote} `wrong-base64`; `wrong-length` if they are not `size`
 */
export function parseBase64(text, field, size) {
  const bytes = decodeBase64(text);
  // Decoders forgive: set bits behind the last byte, for one. Only what we would write is accepted.
  if (bytes === undefined || toBase64(bytes) !== text) {
    throw new InvalidNote(`${field} must be canonical base64.`, "wrong-base64", undefined, field);
  }
  if (size !== undefined && bytes.length !== size) {
    throw new InvalidNote(`${field} must hold ${size} bytes.`, "wrong-length", undefined, field);
  }
  return bytes;
}

/** @param {string} text */
function decodeBase64(text) {
  try {
    return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  } catch {
    return undefined;
  }
}

/** @param {Uint8Array} bytes */
export function toBase64(bytes) {
  let text = "";
  for (const byte of bytes) {
    text += String.fromCharCode(byte);
  }
  return btoa(text);
}
