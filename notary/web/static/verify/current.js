// The log's signed statement of which entry is the latest revision of a document: docs/spec/record.md §10.

import { decodeAscii } from "./bytes.js";
import { MAX_ORIGIN_LENGTH, ORIGIN } from "./checkpoint.js";
import { InvalidNote } from "./errors.js";
import { MAX_INTEGER } from "./jcs.js";
import { HASH_SIZE } from "./merkle.js";
import { parseNote, verifyNote } from "./note.js";
import { DOCUMENT, MAX_TIME, PUBLISHER } from "./record.js";
import { parseBase64, parseDecimal } from "./wire.js";

/**
 * @typedef {object} CurrentStatement
 * @property {string} origin
 * @property {string} publisher
 * @property {string} document
 * @property {string} latest a leaf hash
 * @property {bigint} size
 * @property {Uint8Array} root
 * @property {number} time
 */

const TAG = "notary-current/1";
const LEAF = /^[0-9a-f]{64}$/;

/**
 * @param {Uint8Array} text
 * @returns {CurrentStatement}
 * @throws {InvalidNote} `current-tag`, `current-lines`; `wrong-form`, `wrong-number`, `out-of-range`, `wrong-base64`,
 *   `wrong-length` with the field
 */
export function parseCurrent(text) {
  const lines = decodeAscii(text).split("\n");
  if (lines[0] !== TAG) {
    throw new InvalidNote(`The note is not a ${TAG} statement.`, "current-tag");
  }
  if (lines.length !== 8 || lines[7] !== "") {
    throw new InvalidNote("A statement of the latest revision has seven lines, each ended by LF.", "current-lines");
  }
  const [, origin, subject, latest, size, root, time] = lines;
  const [publisher, ...rest] = subject.split(" ");
  const document = rest.join(" ");
  check("origin", origin.length <= MAX_ORIGIN_LENGTH && ORIGIN.test(origin));
  check("publisher", PUBLISHER.test(publisher));
  check("document", DOCUMENT.test(document));
  check("latest", LEAF.test(latest));
  return {
    origin,
    publisher,
    document,
    latest,
    size: BigInt(readNumber("size", size, 1, MAX_INTEGER)),
    root: parseBase64(root, "root", HASH_SIZE),
    time: readNumber("time", time, 0, MAX_TIME),
  };
}

/**
 * The statement in a signed note, after checking that its log signed it.
 *
 * @param {Uint8Array} bytes
 * @param {(size: bigint) => import("./note.js").VerifierKey[]} keysFor the keys that may sign at a tree size
 * @throws {InvalidNote} for a malformed note or statement
 * @throws {import("./errors.js").ProofFailed} as verifyNote
 */
export function verifyCurrent(bytes, keysFor) {
  const note = parseNote(bytes);
  const statement = parseCurrent(note.text);
  const keys = keysFor(statement.size).filter(({ name }) => name === statement.origin);
  verifyNote(note, keys, { strict: true });
  return statement;
}

/**
 * @param {string} field
 * @param {boolean} isRight
 */
function check(field, isRight) {
  if (!isRight) {
    throw new InvalidNote(`The ${field} of the statement is malformed.`, "wrong-form", undefined, field);
  }
}

/**
 * @param {string} field
 * @param {string} text
 * @param {number} low
 * @param {number} high
 */
function readNumber(field, text, low, high) {
  const number = parseDecimal(text, field);
  if (number < low || number > high) {
    throw new InvalidNote(`${field} must be within ${low} and ${high}.`, "out-of-range", undefined, field);
  }
  return Number(number);
}
