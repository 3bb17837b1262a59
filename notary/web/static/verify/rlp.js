// Recursive Length Prefix in its one canonical form: docs/spec/anchor.md §1.

import { concat, join, toBigInt } from "./bytes.js";
import { InvalidRlp } from "./errors.js";

/** @typedef {Uint8Array | Rlp[]} Rlp */

const MAX_DEPTH = 64;

/**
 * The one item that the bytes are the encoding of.
 *
 * @param {Uint8Array} bytes
 * @returns {Rlp}
 * @throws {InvalidRlp} `rlp-truncated`, `rlp-trailing-bytes`, `rlp-not-canonical`, `rlp-depth`, with the position
 */
export function decodeRlp(bytes) {
  const head = readHead(bytes, 0, bytes.length);
  if (head.end !== bytes.length) {
    throw new InvalidRlp("Bytes follow the RLP item.", "rlp-trailing-bytes", head.end);
  }
  return readPayload(bytes, head, MAX_DEPTH);
}

/**
 * @param {Uint8Array} bytes
 * @param {{ isList: boolean, start: number, end: number }} head
 * @param {number} depth how many levels of lists are left
 * @returns {Rlp}
 */
function readPayload(bytes, { isList, start, end }, depth) {
  if (!isList) {
    return bytes.subarray(start, end);
  }
  if (depth === 0) {
    throw new InvalidRlp("RLP lists are nested too deep.", "rlp-depth", start);
  }
  /** @type {Rlp[]} */
  const items = [];
  for (let at = start; at < end; ) {
    const head = readHead(bytes, at, end);
    items.push(readPayload(bytes, head, depth - 1));
    at = head.end;
  }
  return items;
}

/**
 * Whether the item at an offset is a list, and where its payload starts and ends.
 *
 * @param {Uint8Array} bytes
 * @param {number} at
 * @param {number} limit where what holds the item ends
 */
function readHead(bytes, at, limit) {
  if (at >= limit) {
    throw new InvalidRlp("The RLP item is empty or cut off.", "rlp-truncated", at);
  }
  const first = bytes[at];
  if (first < 0x80) {
    return { isList: false, start: at, end: at + 1 };
  }
  const isList = first >= 0xc0;
  const short = first - (isList ? 0xc0 : 0x80);
  const width = Math.max(0, short - 55);
  const start = at + 1 + width;
  if (start > limit) {
    throw new InvalidRlp("An RLP length is cut off.", "rlp-truncated", at);
  }
  // A length that is not exact as a Number is beyond any end.
  const size = width === 0 ? short : Number(toBigInt(bytes.subarray(at + 1, start)));
  if (width > 0 && (size < 56 || bytes[at + 1] === 0)) {
    throw new InvalidRlp("An RLP length is not in its shortest form.", "rlp-not-canonical", at);
  }
  if (first === 0x81 && start < limit && bytes[start] < 0x80) {
    throw new InvalidRlp("A byte below 0x80 must stand for itself.", "rlp-not-canonical", at);
  }
  if (start + size > limit) {
    throw new InvalidRlp("An RLP item reaches beyond its end.", "rlp-truncated", at);
  }
  return { isList, start, end: start + size };
}

/**
 * @param {Rlp} item
 * @returns {Uint8Array}
 */
export function encodeRlp(item) {
  if (Array.isArray(item)) {
    const payload = join(item.map(encodeRlp));
    return concat(prefix(0xc0, payload.length), payload);
  }
  return item.length === 1 && item[0] < 0x80 ? item : concat(prefix(0x80, item.length), item);
}

/**
 * The string (not yet an encoded item) of an integer.
 *
 * @param {number} value
 */
export function encodeInteger(value) {
  /** @type {number[]} */
  const bytes = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) {
    bytes.unshift(rest % 256);
  }
  return Uint8Array.from(bytes);
}

/**
 * @param {Rlp} item
 * @param {number} bits
 * @param {string} field
 * @throws {InvalidRlp} `rlp-integer` for a list, a leading zero byte or a number not below 2^bits
 */
export function decodeInteger(item, bits, field) {
  if (Array.isArray(item) || item[0] === 0 || toBigInt(item) >> BigInt(bits) !== 0n) {
    throw new InvalidRlp(`${field} must be an integer below 2^${bits}, without leading zero bytes.`, "rlp-integer", undefined, field);
  }
  return toBigInt(item);
}

/**
 * @param {number} offset
 * @param {number} size
 */
function prefix(offset, size) {
  if (size < 56) {
    return Uint8Array.of(offset + size);
  }
  const length = encodeInteger(size);
  return concat(Uint8Array.of(offset + 55 + length.length), length);
}
