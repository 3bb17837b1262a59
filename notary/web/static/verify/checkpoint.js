// The text of the note in which a log signs its tree head (C2SP tlog-checkpoint): docs/spec/log.md §4.

import { decodeAscii, isEqual } from "./bytes.js";
import { InvalidNote } from "./errors.js";
import { EMPTY_ROOT, HASH_SIZE } from "./merkle.js";
import { parseBase64, parseDecimal } from "./wire.js";

/** @typedef {{ origin: string, size: bigint, root: Uint8Array }} Checkpoint */

export const ORIGIN = /^[A-Za-z0-9._~-]+(?:\/[A-Za-z0-9._~-]+)*$/;
export const MAX_ORIGIN_LENGTH = 200;

/**
 * @param {Uint8Array} text
 * @returns {Checkpoint}
 * @throws {InvalidNote} `checkpoint-lines`, `wrong-number`, `wrong-base64`, `wrong-origin`, `wrong-length`, `empty-root`
 */
export function parseCheckpoint(text) {
  const lines = decodeAscii(text).split("\n");
  if (lines.length !== 4 || lines[3] !== "") {
    throw new InvalidNote("A checkpoint has three lines, each ended by LF.", "checkpoint-lines");
  }
  const size = parseDecimal(lines[1], "size");
  const root = parseBase64(lines[2], "root");
  const [origin] = lines;
  if (origin.length > MAX_ORIGIN_LENGTH || !ORIGIN.test(origin)) {
    const form = `match ${ORIGIN.source} and have at most ${MAX_ORIGIN_LENGTH} characters`;
    throw new InvalidNote(`The origin must ${form}.`, "wrong-origin", undefined, "origin");
  }
  if (root.length !== HASH_SIZE) {
    throw new InvalidNote("The root must have 32 bytes.", "wrong-length", undefined, "root");
  }
  if (size === 0n && !isEqual(root, EMPTY_ROOT)) {
    throw new InvalidNote("The root of an empty tree is SHA-256 of nothing.", "empty-root", undefined, "root");
  }
  return { origin, size, root };
}
