// The log's formats (docs/spec/log.md), by their vectors.

import assert from "node:assert/strict";

import { encode, fromHex, toHex } from "../../notary/web/static/verify/bytes.js";
import { parseCheckpoint } from "../../notary/web/static/verify/checkpoint.js";
import { isSignedBy } from "../../notary/web/static/verify/ed25519.js";
import { ProofFailed } from "../../notary/web/static/verify/errors.js";
import { leafHash, rootOf, verifyConsistency, verifyInclusion } from "../../notary/web/static/verify/merkle.js";
import { parseNote, parseVkey, verifyNote } from "../../notary/web/static/verify/note.js";
import { parseTlogProof } from "../../notary/web/static/verify/tlogproof.js";
import { runVectors } from "./running.js";

/** @param {any} vector @param {string} name */
const bytesOf = (vector, name) => (name in vector ? encode(vector[name]) : fromHex(vector[`${name}_hex`]));

/** @type {{ [kind: string]: (vector: any) => object }} */
const MERKLE = {
  root: ({ entries }) => ({ root: toHex(rootOf(entries.map((/** @type {string} */ hex) => leafHash(fromHex(hex))))) }),
  inclusion({ leaf, index, size, proof, root }) {
    const [at, of] = [BigInt(index), BigInt(size)];
    verifyInclusion({ leaf: fromHex(leaf), index: at, size: of, proof: proof.map(fromHex), root: fromHex(root) });
    return {};
  },
  consistency({ old, old_root, new: size, new_root, proof }) {
    const sizes = { oldSize: BigInt(old), newSize: BigInt(size) };
    verifyConsistency({ ...sizes, oldRoot: fromHex(old_root), newRoot: fromHex(new_root), proof: proof.map(fromHex) });
    return {};
  },
};
runVectors("merkle", 70, (vector) => MERKLE[vector.kind](vector));

/** @type {{ [kind: string]: (vector: any) => object }} */
const NOTE = {
  vkey({ vkey }) {
    const { name, keyId, publicKey } = parseVkey(vkey);
    return { name, key_id: keyId, public: toHex(publicKey) };
  },
  parse(vector) {
    const { text, signatures } = parseNote(bytesOf(vector, "note"));
    const lines = signatures.map(({ name, keyId, value }) => ({ name, key_id: keyId, value: toHex(value) }));
    return { text: new TextDecoder().decode(text), signatures: lines };
  },
  verify(vector) {
    const keys = vector.keys.map(parseVkey);
    return { signer: verifyNote(parseNote(bytesOf(vector, "note")), keys, { strict: vector.strict }).vkey };
  },
  ed25519({ public: key, message, signature }) {
    return { valid: isSignedBy(fromHex(key), fromHex(message), fromHex(signature)) };
  },
};
runVectors("note", 100, (vector) => NOTE[vector.kind](vector));

runVectors("checkpoint", 40, (vector) => {
  const { origin, size, root } = parseCheckpoint(bytesOf(vector, "text"));
  return { origin, size: String(size), root: toHex(root) };
});

/** @type {{ [kind: string]: (vector: any) => object }} */
const TLOG_PROOF = {
  parse(vector) {
    const { index, hashes, extra } = parseTlogProof(bytesOf(vector, "proof"));
    return { index: String(index), hashes: hashes.map(toHex), ...(extra && { extra: toHex(extra) }) };
  },
  verify(vector) {
    const { index, hashes, note, checkpoint } = parseTlogProof(bytesOf(vector, "proof"));
    verifyNote(note, vector.keys.map(parseVkey), { strict: true });
    const leaf = leafHash(fromHex(vector.entry));
    verifyInclusion({ leaf, index, size: checkpoint.size, proof: hashes, root: checkpoint.root });
    return {};
  },
};
runVectors("tlogproof", 50, (vector) => TLOG_PROOF[vector.kind](vector));

/** What the contract calls them. */
const REVERTS = new Map([
  ["IndexOutOfRange", ["index-out-of-range", "size-out-of-range"]],
  ["InvalidProofLength", ["proof-length"]],
  ["RootMismatch", ["root-mismatch"]],
]);

runVectors("registry", 60, ({ size, root, index, leaf_hash, proof, error: revert }) => {
  const bytes = (/** @type {string} */ hex) => fromHex(hex.slice(2));
  const claim = { leaf: bytes(leaf_hash), index: BigInt(index), size: BigInt(size), root: bytes(root) };
  try {
    verifyInclusion({ ...claim, proof: proof.map(bytes) });
    return {};
  } catch (error) {
    assert.ok(error instanceof ProofFailed && REVERTS.get(revert)?.includes(error.code), `${error}`);
    return { error: revert };
  }
});
