// A proof of one value in a Merkle-Patricia trie: docs/spec/anchor.md §3.

import { isEqual, toHex } from "./bytes.js";
import { keccak256 } from "./crypto.js";
import { ProofFailed } from "./errors.js";
import { decodeRlp, encodeInteger, encodeRlp } from "./rlp.js";

/** @typedef {import("./rlp.js").Rlp} Rlp */

/**
 * The key of the receipt of a block's transaction.
 *
 * @param {number} index
 */
export const receiptKey = (index) => encodeRlp(encodeInteger(index));

/**
 * The value at the key of the trie with the root.
 *
 * @param {{ root: Uint8Array, key: Uint8Array, nodes: Uint8Array[] }} proof
 * @throws {ProofFailed} `trie-node-mismatch`, `trie-node-missing`, `trie-node-unused`, `trie-key-absent`, `trie-node-shape`
 * @throws {import("./errors.js").InvalidRlp} for a node that is not RLP
 */
export function verifyTrie({ root, key, nodes }) {
  let path = halfBytes(key);
  let used = 0;
  /** @type {Rlp} */
  let reference = root;
  for (;;) {
    /** @type {Rlp[]} */
    let node;
    if (Array.isArray(reference)) {
      node = reference;
      if (encodeRlp(node).length >= 32) {
        throw wrongShape("A trie node inside its parent must be shorter than 32 bytes.", used - 1);
      }
    } else {
      node = load(reference, nodes, used);
      used += 1;
    }
    if (node.length === 17) {
      if (path === "") {
        return valueOf(node[16], nodes, used);
      }
      reference = node[parseInt(path[0], 16)];
      path = path.slice(1);
    } else if (node.length === 2) {
      const { isLeaf, part } = unpack(node[0], used - 1);
      if (!path.startsWith(part) || (isLeaf && path !== part)) {
        throw absent(used - 1);
      }
      path = path.slice(part.length);
      if (isLeaf) {
        return valueOf(node[1], nodes, used);
      }
      reference = node[1];
    } else {
      throw wrongShape("A trie node must have 2 or 17 items.", used - 1);
    }
  }
}

/**
 * The items of a node, which must be the one that the reference is the hash of.
 *
 * @param {Uint8Array} reference
 * @param {Uint8Array[]} nodes
 * @param {number} number
 */
function load(reference, nodes, number) {
  if (reference.length === 0) {
    throw absent(number - 1);
  }
  if (reference.length !== 32) {
    throw wrongShape("A reference to a trie node must have 32 bytes.", number - 1);
  }
  if (number >= nodes.length) {
    throw new ProofFailed("A node of the trie proof is missing.", "trie-node-missing", number);
  }
  const node = nodes[number];
  if (!isEqual(keccak256(node), reference)) {
    const what = "A node of the trie proof does not hash to what refers to it.";
    throw new ProofFailed(what, "trie-node-mismatch", number);
  }
  if (number > 0 && node.length < 32) {
    throw wrongShape("A trie node shorter than 32 bytes must sit inside its parent.", number);
  }
  const items = decodeRlp(node);
  if (!Array.isArray(items)) {
    throw wrongShape("A trie node must be a list.", number);
  }
  return items;
}

/**
 * A packed part of a path: whether it ends in a leaf, and its half-bytes.
 *
 * @param {Rlp} packed
 * @param {number} position
 */
function unpack(packed, position) {
  if (Array.isArray(packed) || packed.length === 0) {
    throw wrongShape("A path in a trie node must be a byte string that is not empty.", position);
  }
  const [flags, second] = [packed[0] >> 4, packed[0] & 0xf];
  const isOdd = flags % 2 === 1;
  if (flags > 3 || (!isOdd && second !== 0)) {
    throw wrongShape("A path in a trie node has a wrong prefix.", position);
  }
  const part = halfBytes(packed).slice(isOdd ? 1 : 2);
  if (flags < 2 && part === "") {
    throw wrongShape("A trie node extends the path by nothing.", position);
  }
  return { isLeaf: flags >= 2, part };
}

/**
 * @param {Rlp} item
 * @param {Uint8Array[]} nodes
 * @param {number} used
 */
function valueOf(item, nodes, used) {
  if (Array.isArray(item)) {
    throw wrongShape("A trie value must be a byte string.", used - 1);
  }
  if (item.length === 0) {
    throw absent(used - 1);
  }
  if (used !== nodes.length) {
    throw new ProofFailed("A node of the trie proof is not used.", "trie-node-unused", used);
  }
  return item;
}

/** The half-bytes as hex digits. @param {Uint8Array} bytes */
const halfBytes = (bytes) => toHex(bytes);

/** @param {number} position */
const absent = (position) => new ProofFailed("The trie has no such key.", "trie-key-absent", position);

/**
 * @param {string} message
 * @param {number} position
 */
const wrongShape = (message, position) => new ProofFailed(message, "trie-node-shape", position);
