// Bytes, their hex and their characters.

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** @param {Uint8Array} bytes */
export function toHex(bytes) {
  let hex = "";
  for (const byte of bytes) {
    hex += HEX[byte];
  }
  return hex;
}

/**
 * @param {string} hex digits in lower case, an even number of them
 * @returns {Uint8Array}
 */
export function fromHex(hex) {
  const bytes = new Uint8Array(hex.length / 2);
  for (let at = 0; at < bytes.length; at += 1) {
    bytes[at] = (halfByte(hex.charCodeAt(2 * at)) << 4) | halfByte(hex.charCodeAt(2 * at + 1));
  }
  return bytes;
}

/** @param {number} digit its code, of 0 to 9 or of a to f */
const halfByte = (digit) => (digit < 0x40 ? digit - 0x30 : digit - 0x57);

/**
 * @param {string} text
 * @returns {Uint8Array}
 */
export const encode = (text) => encoder.encode(text);

/**
 * The characters of UTF-8, a byte order mark included; undefined where it is none.
 *
 * @param {Uint8Array} bytes
 */
export function decode(bytes) {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * The characters of ASCII; any other byte becomes U+FFFD, which no form that is ASCII accepts.
 *
 * @param {Uint8Array} bytes
 */
export function decodeAscii(bytes) {
  let text = "";
  for (const byte of bytes) {
    text += byte < 0x80 ? String.fromCharCode(byte) : "\ufffd";
  }
  return text;
}

/** @param {...Uint8Array} parts a few */
export const concat = (...parts) => join(parts);

/** @param {Uint8Array[]} parts */
export function join(parts) {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/**
 * @param {Uint8Array} one
 * @param {Uint8Array} other
 */
export const isEqual = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);

/**
 * Where two consecutive bytes are both `LF`, from the start or from the end; -1 if nowhere.
 *
 * @param {Uint8Array} bytes
 * @param {"first" | "last"} which
 */
export function findEmptyLine(bytes, which) {
  const step = which === "first" ? 1 : -1;
  for (let at = which === "first" ? 0 : bytes.length - 2; at >= 0 && at < bytes.length - 1; at += step) {
    if (bytes[at] === 0x0a && bytes[at + 1] === 0x0a) {
      return at;
    }
  }
  return -1;
}

/**
 * The number of a big-endian integer.
 *
 * @param {Uint8Array} bytes
 */
export const toBigInt = (bytes) => (bytes.length === 0 ? 0n : BigInt(`0x${toHex(bytes)}`));
