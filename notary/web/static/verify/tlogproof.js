// Offline proofs that an entry is in a log, c2sp.org/tlog-proof@v1: docs/spec/log.md §5.

import { decodeAscii, findEmptyLine } from "./bytes.js";
import { parseCheckpoint } from "./checkpoint.js";
import { InvalidNote } from "./errors.js";
import { HASH_SIZE, MAX_SIZE } from "./merkle.js";
import { parseNote } from "./note.js";
import { parseBase64, parseDecimal } from "./wire.js";

/**
 * @typedef {object} TlogProof
 * @property {bigint} index
 * @property {Uint8Array[]} hashes sibling of the leaf first
 * @property {import("./note.js").Note} note the signed checkpoint, its signatures unchecked
 * @property {import("./checkpoint.js").Checkpoint} checkpoint
 * @property {Uint8Array} [extra] nobody's statement
 */

const VERSION = "c2sp.org/tlog-proof@v1";
const MAX_BYTES = 393_216;
const MAX_HASHES = 63;
const MAX_EXTRA_BYTES = 1 << 16;

/**
 * Checks the form of every part, and verifies nothing.
 *
 * @param {Uint8Array} bytes
 * @returns {TlogProof}
 * @throws {InvalidNote} `proof-too-large`, `proof-version`, `proof-lines`, `proof-length`, `wrong-number`, `wrong-base64`,
 *   `wrong-length`, and the codes of the note and the checkpoint
 */
export function parseTlogProof(bytes) {
  if (bytes.length > MAX_BYTES) {
    throw new InvalidNote(`The proof has ${bytes.length} bytes; the limit is ${MAX_BYTES}.`, "proof-too-large");
  }
  const split = findEmptyLine(bytes, "first");
  const [version, ...lines] = decodeAscii(split < 0 ? bytes : bytes.subarray(0, split)).split("\n");
  if (version !== VERSION) {
    throw new InvalidNote(`The first line must be ${VERSION}.`, "proof-version");
  }
  const extra = lines[0]?.startsWith("extra ") ? parseBase64(lines.shift()?.slice(6) ?? "", "extra") : undefined;
  if (split < 0 || !lines[0]?.startsWith("index ")) {
    throw new InvalidNote("A proof has an index, its hashes, an empty line, a checkpoint.", "proof-lines");
  }
  const index = parseDecimal(lines.shift()?.slice(6) ?? "", "index");
  const hashes = lines.map((line) => parseBase64(line, "hashes"));
  checkParts(index, hashes, extra);
  const note = parseNote(bytes.subarray(split + 2));
  return { index, hashes, note, checkpoint: parseCheckpoint(note.text), ...(extra && { extra }) };
}

/**
 * @param {bigint} index
 * @param {Uint8Array[]} hashes
 * @param {Uint8Array} [extra]
 */
function checkParts(index, hashes, extra) {
  if (index >= MAX_SIZE) {
    throw new InvalidNote("The index must be from 0 to 2^63−2.", "wrong-number", undefined, "index");
  }
  if (hashes.length > MAX_HASHES) {
    throw new InvalidNote(`A proof has at most ${MAX_HASHES} hashes.`, "proof-length", undefined, "hashes");
  }
  if (hashes.some(({ length }) => length !== HASH_SIZE)) {
    throw new InvalidNote("A hash must have 32 bytes.", "wrong-length", undefined, "hashes");
  }
  if (extra !== undefined && (extra.length === 0 || extra.length > MAX_EXTRA_BYTES)) {
    throw new InvalidNote(`Extra data must have 1 to ${MAX_EXTRA_BYTES} bytes.`, "wrong-length", undefined, "extra");
  }
}
