// The Merkle tree of RFC 6962 §2.1: docs/spec/log.md §1. Size and root come from one signed checkpoint, never from a prover.

import { concat, isEqual } from "./bytes.js";
import { sha256 } from "./crypto.js";
import { ProofFailed } from "./errors.js";

export const HASH_SIZE = 32;
export const MAX_SIZE = 2n ** 63n - 1n;
export const EMPTY_ROOT = sha256(new Uint8Array());

/**
 * The hash of a log entry's bytes.
 *
 * @param {Uint8Array} data
 */
export const leafHash = (data) => sha256(concat(Uint8Array.of(0x00), data));

/**
 * @param {Uint8Array} left
 * @param {Uint8Array} right
 */
const nodeHash = (left, right) => sha256(concat(Uint8Array.of(0x01), left, right));

/**
 * The root over leaf hashes.
 *
 * @param {Uint8Array[]} leaves
 */
export function rootOf(leaves) {
  if (leaves.length === 0) {
    return EMPTY_ROOT;
  }
  let level = leaves;
  while (level.length > 1) {
    const above = [];
    for (let at = 0; at + 1 < level.length; at += 2) {
      above.push(nodeHash(level[at], level[at + 1]));
    }
    if (level.length % 2 === 1) {
      above.push(level[level.length - 1]);
    }
    level = above;
  }
  return level[0];
}

/**
 * Returns only if the proof shows the leaf at the index of the tree of that size and root.
 *
 * @param {{ leaf: Uint8Array, index: bigint, size: bigint, proof: Uint8Array[], root: Uint8Array }} claim
 * @throws {ProofFailed} `size-out-of-range`, `index-out-of-range`, `proof-length`, `hash-length`, `root-mismatch`
 */
export function verifyInclusion({ leaf, index, size, proof, root }) {
  if (size <= 0n || size > MAX_SIZE) {
    throw new ProofFailed("The tree size of the proof is out of range.", "size-out-of-range");
  }
  if (index < 0n || index >= size) {
    throw new ProofFailed("The index of the proof is not below the tree size.", "index-out-of-range");
  }
  const inner = bitLength(index ^ (size - 1n));
  checkPath(proof, inner + bitCount(index >> BigInt(inner)), leaf);
  let result = leaf;
  for (const [height, sibling] of proof.entries()) {
    const isLeft = height >= inner || bitAt(index, height);
    result = isLeft ? nodeHash(sibling, result) : nodeHash(result, sibling);
  }
  if (!isEqual(result, root)) {
    throw new ProofFailed("The inclusion proof leads to another root.", "root-mismatch");
  }
}

/**
 * Returns only if the old tree is shown to be the beginning of the new one.
 *
 * @param {{ oldSize: bigint, oldRoot: Uint8Array, newSize: bigint, newRoot: Uint8Array, proof: Uint8Array[] }} claim
 * @throws {ProofFailed} `size-out-of-range`, `proof-length`, `hash-length`, `old-root-mismatch`, `root-mismatch`
 */
export function verifyConsistency({ oldSize, oldRoot, newSize, newRoot, proof }) {
  if (oldSize < 0n || oldSize > newSize || newSize > MAX_SIZE) {
    throw new ProofFailed("The tree sizes of the consistency proof are out of order.", "size-out-of-range");
  }
  if (oldSize === 0n || oldSize === newSize) {
    checkPath(proof, 0, oldRoot, newRoot);
    checkRoots(oldRoot, oldSize === 0n ? EMPTY_ROOT : newRoot, newRoot, newSize === 0n ? EMPTY_ROOT : newRoot);
    return;
  }
  const height = BigInt(bitLength(oldSize & -oldSize) - 1);
  const position = (oldSize >> height) - 1n;
  const inner = bitLength(position ^ ((newSize - 1n) >> height));
  const edge = bitCount(position >> BigInt(inner));
  checkPath(proof, inner + edge + (position > 0n ? 1 : 0), oldRoot, newRoot);
  const [start, path] = position > 0n ? [proof[0], proof.slice(1)] : [oldRoot, proof];
  let [older, newer] = [start, start];
  for (const [step, sibling] of path.entries()) {
    if (step >= inner || bitAt(position, step)) {
      older = nodeHash(sibling, older);
      newer = nodeHash(sibling, newer);
    } else {
      newer = nodeHash(newer, sibling);
    }
  }
  checkRoots(oldRoot, older, newRoot, newer);
}

/**
 * @param {Uint8Array} oldRoot
 * @param {Uint8Array} older what it must be
 * @param {Uint8Array} newRoot
 * @param {Uint8Array} newer
 */
function checkRoots(oldRoot, older, newRoot, newer) {
  if (!isEqual(oldRoot, older)) {
    throw new ProofFailed("The consistency proof leads to another old root.", "old-root-mismatch");
  }
  if (!isEqual(newRoot, newer)) {
    throw new ProofFailed("The consistency proof leads to another new root.", "root-mismatch");
  }
}

/**
 * @param {Uint8Array[]} proof
 * @param {number} length
 * @param {...Uint8Array} ends
 */
function checkPath(proof, length, ...ends) {
  if (proof.length !== length) {
    throw new ProofFailed(`The proof has ${proof.length} hashes where ${length} are needed.`, "proof-length");
  }
  if ([...ends, ...proof].some((hash) => hash.length !== HASH_SIZE)) {
    throw new ProofFailed("A hash does not have 32 bytes.", "hash-length");
  }
}

/** @param {bigint} value */
const bitLength = (value) => (value === 0n ? 0 : value.toString(2).length);

/** @param {bigint} value */
const bitCount = (value) => value.toString(2).replaceAll("0", "").length;

/**
 * @param {bigint} value
 * @param {number} bit
 */
const bitAt = (value, bit) => ((value >> BigInt(bit)) & 1n) === 1n;
