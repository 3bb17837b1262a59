// The one module that imports cryptography: what a bundler replaces, it replaces here.

import { ed25519 } from "@noble/curves/ed25519.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";

export { sha256, sha512 } from "@noble/hashes/sha2.js";
export { keccak_256 as keccak256 } from "@noble/hashes/sha3.js";

/** The points of edwards25519 (RFC 8032 §5.1). */
export const EdwardsPoint = ed25519.Point;

/** The points of secp256k1 (SEC 2 §2.4.1). */
export const SecpPoint = secp256k1.Point;
