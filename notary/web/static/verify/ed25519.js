// Ed25519 exactly as docs/spec/log.md §3.3: the equation without cofactor. Libraries that multiply by 8 accept more.

import { concat, isEqual, toHex } from "./bytes.js";
import { EdwardsPoint, sha512 } from "./crypto.js";
import { InvalidNote } from "./errors.js";

const P = 2n ** 255n - 19n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const Y_OF_ORDER_8 = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n;
const SMALL_ORDER = new Set([0n, 1n, P - 1n, Y_OF_ORDER_8, P - Y_OF_ORDER_8]);

/**
 * The point of a public key that may be used as one.
 *
 * @param {Uint8Array} publicKey
 * @throws {InvalidNote} `wrong-length`, `wrong-key`
 */
export function checkPublicKey(publicKey) {
  if (publicKey.length !== 32) {
    throw new InvalidNote("An Ed25519 public key has 32 bytes.", "wrong-length");
  }
  if (!isAcceptable(publicKey) || pointOf(publicKey) === undefined) {
    throw new InvalidNote("The Ed25519 public key is not a point that may be used as one.", "wrong-key");
  }
}

/**
 * Whether a signature is valid; one that is malformed is not.
 *
 * @param {Uint8Array} publicKey
 * @param {Uint8Array} message
 * @param {Uint8Array} signature
 */
export function isSignedBy(publicKey, message, signature) {
  if (publicKey.length !== 32 || signature.length !== 64) {
    return false;
  }
  const [r, s] = [signature.subarray(0, 32), numberOf(signature.subarray(32))];
  const point = pointOf(publicKey);
  if (!isAcceptable(publicKey) || !isAcceptable(r) || point === undefined || s >= L) {
    return false;
  }
  const k = numberOf(sha512(concat(r, publicKey, message))) % L;
  const expected = EdwardsPoint.BASE.multiplyUnsafe(s).subtract(point.multiplyUnsafe(k));
  return isEqual(expected.toBytes(), r);
}

/** @param {Uint8Array} encoded */
function pointOf(encoded) {
  try {
    return EdwardsPoint.fromBytes(encoded);
  } catch {
    return undefined;
  }
}

/** @param {Uint8Array} encoded a point, of which y is looked at */
function isAcceptable(encoded) {
  const y = numberOf(encoded) % 2n ** 255n;
  return y < P && !SMALL_ORDER.has(y);
}

/** @param {Uint8Array} littleEndian */
const numberOf = (littleEndian) => BigInt(`0x${toHex(littleEndian.slice().reverse())}`);
