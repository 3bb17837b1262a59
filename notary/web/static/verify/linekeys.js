// The keys by which the lines of a logged text are found: docs/spec/find.md.

import { encode, toHex } from "./bytes.js";
import { sha256 } from "./crypto.js";

export const MIN_LINE_BYTES = 24;
const KEY_BYTES = 8;

/**
 * The key of a canonical line; undefined for one that is too short to find a text by.
 *
 * @param {string} line
 */
export function lineKey(line) {
  const bytes = encode(line);
  return bytes.length < MIN_LINE_BYTES ? undefined : toHex(sha256(bytes).subarray(0, KEY_BYTES));
}

/**
 * The keys to look for, each once. Of more than `most` the longest lines are taken: they are in the fewest texts.
 *
 * @param {string[]} lines
 * @param {number} most
 * @returns {string[]}
 */
export function lineKeys(lines, most) {
  const distinct = [...new Set(lines)];
  const chosen = distinct.length > most ? distinct.sort((one, other) => other.length - one.length).slice(0, most) : distinct;
  return [...new Set(chosen.flatMap((line) => lineKey(line) ?? []))];
}
