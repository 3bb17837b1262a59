// Who signed: ECDSA over secp256k1 as Ethereum uses it. docs/spec/record.md §7.

import { concat, toBigInt, toHex } from "./bytes.js";
import { keccak256, SecpPoint } from "./crypto.js";
import { ProofFailed } from "./errors.js";

const { BASE, Fn } = SecpPoint;

/**
 * The address whose key signed the digest, as hex digits.
 *
 * @param {Uint8Array} digest
 * @param {Uint8Array} signature r ‖ s ‖ v
 * @throws {ProofFailed} `signature-length`, `signature-v`, `signature-range`, `signature-high-s`, `signature-invalid`
 */
export function recover(digest, signature) {
  if (digest.length !== 32 || signature.length !== 65) {
    throw new ProofFailed("A signature has 65 bytes, over a digest of 32.", "signature-length");
  }
  const [r, s, v] = [toBigInt(signature.subarray(0, 32)), toBigInt(signature.subarray(32, 64)), signature[64]];
  if (v !== 27 && v !== 28) {
    throw new ProofFailed(`A signature ends in 27 or 28, not in ${v}.`, "signature-v");
  }
  if (r === 0n || r >= Fn.ORDER || s === 0n || s >= Fn.ORDER) {
    throw new ProofFailed("The signature's numbers are out of range.", "signature-range");
  }
  if (s > Fn.ORDER / 2n) {
    throw new ProofFailed("The signature has the upper of its two forms (high s).", "signature-high-s");
  }
  const inverse = Fn.inv(r);
  const point = lift(signature.subarray(0, 32), v === 28);
  const onBase = BASE.multiplyUnsafe(Fn.mul(Fn.neg(Fn.create(toBigInt(digest))), inverse));
  const key = onBase.add(point.multiplyUnsafe(Fn.mul(s, inverse)));
  if (key.is0()) {
    throw invalid();
  }
  return toHex(keccak256(key.toBytes(false).subarray(1)).subarray(12));
}

/**
 * The point with that x and parity of y.
 *
 * @param {Uint8Array} x
 * @param {boolean} isOdd
 */
function lift(x, isOdd) {
  try {
    return SecpPoint.fromBytes(concat(Uint8Array.of(isOdd ? 3 : 2), x));
  } catch {
    throw invalid();
  }
}

function invalid() {
  return new ProofFailed("No key can have made this signature.", "signature-invalid");
}
