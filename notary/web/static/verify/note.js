// Signed notes and the keys that sign them (C2SP signed-note), Ed25519 only: docs/spec/log.md §3.

import { concat, decode, encode, findEmptyLine, isEqual, toHex } from "./bytes.js";
import { sha256 } from "./crypto.js";
import { checkPublicKey, isSignedBy } from "./ed25519.js";
import { InvalidNote, ProofFailed } from "./errors.js";
import { parseBase64 } from "./wire.js";

/**
 * @typedef {object} Signature one line
 * @property {string} name
 * @property {string} keyId 8 hex digits
 * @property {Uint8Array} value
 *
 * @typedef {object} Note as it was read: nothing about it is verified
 * @property {Uint8Array} text exactly what was signed; ends in LF
 * @property {Signature[]} signatures
 *
 * @typedef {object} VerifierKey
 * @property {string} name
 * @property {string} keyId
 * @property {Uint8Array} publicKey
 * @property {string} vkey
 */

const MAX_NOTE_BYTES = 1 << 18;
const MAX_SIGNATURES = 32;
const KEY_ID_SIZE = 4;
const ED25519 = 0x01;
const LF = 0x0a;
// Everything but plus, control characters, and the code points with the property White_Space.
const NAME = /^[^+\u0000-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ud800-\udfff]+$/u;
const VKEY = /^([^+]*)\+([0-9a-f]{8})\+(.*)$/s;

/**
 * @param {string} vkey
 * @returns {VerifierKey}
 * @throws {InvalidNote} `wrong-vkey`, `wrong-base64`, `wrong-algorithm`, `wrong-name`, `wrong-length`, `wrong-key`,
 *   `key-id-mismatch`
 */
export function parseVkey(vkey) {
  const [, name, keyId, encoded] = VKEY.exec(vkey) ?? [];
  if (name === undefined) {
    throw new InvalidNote("A vkey reads <name>+<8 hex digits>+<base64>.", "wrong-vkey");
  }
  const key = parseBase64(encoded, "vkey");
  if (key[0] !== ED25519) {
    throw new InvalidNote("Only Ed25519 keys (type 01) are known.", "wrong-algorithm");
  }
  if (!NAME.test(name)) {
    throw new InvalidNote("A key name must not be empty or hold white space or plus.", "wrong-name");
  }
  const publicKey = key.subarray(1);
  checkPublicKey(publicKey);
  const id = sha256(concat(encode(name), Uint8Array.of(LF), key)).subarray(0, KEY_ID_SIZE);
  if (toHex(id) !== keyId) {
    throw new InvalidNote("The key id does not belong to this name and public key.", "key-id-mismatch");
  }
  return { name, keyId, publicKey, vkey };
}

/**
 * @param {Uint8Array} bytes
 * @returns {Note}
 * @throws {InvalidNote} `note-too-large`, `control-character`, `note-encoding`, `no-signature`, `too-many-signatures`,
 *   `signature-line`, `wrong-base64`, `wrong-length`, `duplicate-signature`
 */
export function parseNote(bytes) {
  if (bytes.length > MAX_NOTE_BYTES) {
    throw new InvalidNote(`The note has ${bytes.length} bytes; the limit is ${MAX_NOTE_BYTES}.`, "note-too-large");
  }
  const control = bytes.findIndex((byte) => byte < 0x20 && byte !== LF);
  if (control >= 0) {
    throw new InvalidNote("A note holds no control character but LF.", "control-character", control);
  }
  if (decode(bytes) === undefined) {
    throw new InvalidNote("A note must be UTF-8.", "note-encoding");
  }
  // The signatures start after the last empty line: the text itself may hold empty lines.
  const split = findEmptyLine(bytes, "last");
  const lines = split < 0 ? [""] : /** @type {string} */ (decode(bytes.subarray(split + 2))).split("\n");
  if (lines.pop() !== "" || lines.length === 0) {
    throw new InvalidNote("A note ends in an empty line and signature lines.", "no-signature");
  }
  if (lines.length > MAX_SIGNATURES) {
    throw new InvalidNote(`A note has at most ${MAX_SIGNATURES} signatures.`, "too-many-signatures");
  }
  const signatures = lines.map(parseSignature);
  if (new Set(signatures.map(identityOf)).size !== signatures.length) {
    throw new InvalidNote("Two signature lines name the same key.", "duplicate-signature");
  }
  return { text: bytes.subarray(0, split + 1), signatures };
}

/**
 * @param {string} line
 * @returns {Signature}
 */
function parseSignature(line) {
  const parts = line.split(" ");
  if (parts.length !== 3 || parts[0] !== "—" || !NAME.test(parts[1])) {
    throw new InvalidNote("A signature line reads — <name> <base64>.", "signature-line");
  }
  const value = parseBase64(parts[2], "signature");
  if (value.length <= KEY_ID_SIZE) {
    throw new InvalidNote("A signature line holds a key id and a signature.", "wrong-length", undefined, "signature");
  }
  return { name: parts[1], keyId: toHex(value.subarray(0, KEY_ID_SIZE)), value: value.subarray(KEY_ID_SIZE) };
}

/** @param {{ name: string, keyId: string }} key */
const identityOf = ({ name, keyId }) => `${name}+${keyId}`;

/**
 * The key of the first signature line that belongs to one of `keys`; all such lines are valid.
 *
 * @param {Note} note
 * @param {VerifierKey[]} keys
 * @param {{ strict: boolean }} how strict refuses lines of other keys
 * @throws {ProofFailed} `no-known-signature`, `unknown-signature`, `bad-signature`
 * @throws {InvalidNote} `ambiguous-key`
 */
export function verifyNote({ text, signatures }, keys, { strict }) {
  const known = new Map(keys.map((key) => [identityOf(key), key]));
  if (keys.some((key) => !isEqual(known.get(identityOf(key))?.publicKey ?? key.publicKey, key.publicKey))) {
    throw new InvalidNote("Two keys have the same name and key id.", "ambiguous-key");
  }
  const signers = signatures.map((signature) => known.get(identityOf(signature)));
  const first = signers.find((signer) => signer !== undefined);
  if (first === undefined) {
    throw new ProofFailed("No signature on the note is by a known key.", "no-known-signature");
  }
  for (const [at, signer] of signers.entries()) {
    if (signer === undefined && strict) {
      throw new ProofFailed("The note carries a signature by an unknown key.", "unknown-signature");
    }
    if (signer !== undefined && !isSignedBy(signer.publicKey, text, signatures[at].value)) {
      throw new ProofFailed("A signature by a known key is not valid.", "bad-signature");
    }
  }
  return first;
}
