// When a later entry counts as a revision of an earlier one: docs/spec/record.md §8.

import { fromHex } from "./bytes.js";
import { verifySignature } from "./eip712.js";
import { ProofFailed } from "./errors.js";

/** @typedef {import("./entry.js").Entry} Entry */

/**
 * The first reason why `later` does not count as a revision of `earlier`; undefined where it does. That both are in the log
 * is for the caller to prove.
 *
 * @param {Entry} earlier
 * @param {Entry} later
 */
export function whyNotARevision(earlier, later) {
  const [old, made] = [earlier.record, later.record];
  if (made.status === "original" || made.previous === undefined) {
    return "original";
  }
  if (made.origin !== old.origin || made.previous.origin !== old.origin) {
    return "other-log";
  }
  if (made.publisher.id !== old.publisher.id) {
    return "other-publisher";
  }
  if (made.document === undefined || made.document !== old.document) {
    return "other-document";
  }
  if (made.previous.leaf !== earlier.leafHash) {
    return "other-previous";
  }
  if (old.publisher.key !== undefined && later.signature === undefined) {
    // Without a signature it is only the operator who says that the publisher revised this.
    return "unsigned";
  }
  if (made.publisher.key !== old.publisher.key) {
    return "other-key";
  }
  return later.signature === undefined || isSigned(later.record, later.signature) ? undefined : "bad-signature";
}

/**
 * @param {import("./record.js").Record} record
 * @param {string} signature
 */
function isSigned(record, signature) {
  try {
    verifySignature(record, fromHex(signature));
    return true;
  } catch (error) {
    if (error instanceof ProofFailed) {
      return false;
    }
    throw error;
  }
}
