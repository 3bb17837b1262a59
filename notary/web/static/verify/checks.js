// The checks about what was published: `record`, `text`, `publisher`, `current` (docs/spec/verify.md).

import { concat, encode, fromHex, toHex } from "./bytes.js";
import { sha256 } from "./crypto.js";
import { verifyCurrent } from "./current.js";
import { verifySignature } from "./eip712.js";
import { InvalidNote, InvalidText, NotaryError, ProofFailed } from "./errors.js";
import { canonicalJson } from "./jcs.js";
import { checkProof, knownSize } from "./logchecks.js";
import { rootOf } from "./merkle.js";
import { metaDigest } from "./meta.js";
import { failed, notApplicable, passed, unchecked } from "./outcome.js";
import { whyNotARevision } from "./revision.js";
import { canonicalDocument } from "./text.js";
import { keysFor } from "./trust.js";

/** @typedef {import("./bundle.js").Bundle} Bundle */
/** @typedef {import("./outcome.js").Outcome} Outcome */
/** @typedef {import("./trust.js").Trust} Trust */

const FRESH_MS = 24 * 3600 * 1000;
const CLOCK_SKEW_MS = 5 * 60 * 1000;
const LF = 0x0a;

/**
 * Holds the disclosed meta and profile against the digests in the record.
 *
 * @param {Bundle} bundle
 * @returns {Outcome}
 */
export function checkRecord({ entry: { record }, meta, profile }) {
  if (meta !== undefined) {
    if (record.metaSha256 === undefined) {
      return failed("meta-not-in-record", "The bundle discloses meta data that the record does not speak of.");
    }
    if (toHex(metaDigest(meta.value, meta.salt)) !== record.metaSha256) {
      return failed("meta-mismatch", "The disclosed meta data are not the ones in the record.");
    }
  }
  const profileSha256 = record.content.kind === "text" ? record.content.profileSha256 : undefined;
  if (profile !== undefined) {
    if (profileSha256 === undefined) {
      return failed("profile-not-in-record", "The bundle discloses a profile that the record does not speak of.");
    }
    if (toHex(sha256(canonicalJson(profile))) !== profileSha256) {
      return failed("profile-mismatch", "The disclosed profile is not the one in the record.");
    }
  }
  const about = record.previous === undefined ? "" : ` It is a ${record.status} of entry ${record.previous.leaf}.`;
  const isWithheld = record.metaSha256 !== undefined && meta === undefined;
  const what = isWithheld
    ? "The record is well-formed. Its meta data (address, notes) are not disclosed."
    : "The record is well-formed, and what it discloses has the recorded digests.";
  return passed("record", `${what}${about}`);
}

/**
 * Holds the bundle's text, or a copy with the recorded digest, against all the digests of the record.
 *
 * @param {Bundle} bundle
 * @param {import("./copies.js").Reading} reading
 * @returns {Outcome}
 */
export function checkText(bundle, reading) {
  const { content } = bundle.entry.record;
  if (content.kind !== "text") {
    if (bundle.text !== undefined) {
      return failed("text-not-in-record", "The bundle discloses a text, but the record is not about a text.");
    }
    return content.kind === "file"
      ? notApplicable("no-text", "The record is about a file, not about a text.")
      : unchecked("not-revealed", "The text is committed to but has not been revealed.");
  }
  if (bundle.text !== undefined) {
    return textOutcome(encode(bundle.text), content, "The text in the bundle");
  }
  const { text, error } = reading;
  if (text === undefined) {
    const why = error ? `and the copy cannot be read: ${error.message}` : "and there is no copy to hold against the record.";
    return unchecked("not-disclosed", `The text is not disclosed, ${why}`);
  }
  return toHex(sha256(text.data)) === content.sha256
    ? textOutcome(text.data, content, "The copy")
    : unchecked("not-disclosed", "The text is not disclosed, and the copy in hand is another text.");
}

/**
 * @param {Uint8Array} data
 * @param {import("./record.js").TextDigest} content
 * @param {string} source
 */
function textOutcome(data, content, source) {
  try {
    canonicalDocument(data);
  } catch (error) {
    if (error instanceof InvalidText) {
      return failed("text-not-canonical", `${source} is not a canonical text: ${error.message}`);
    }
    throw error;
  }
  if (toHex(sha256(data)) !== content.sha256) {
    return failed("text-mismatch", `${source} does not have the recorded SHA-256.`);
  }
  const lines = linesOf(data);
  if (lines.length !== content.lines || linesRoot(lines) !== content.linesRoot) {
    return failed("lines-mismatch", `${source} does not have the recorded lines.`);
  }
  return passed("text", `${source} has the recorded digests.`);
}

/** @param {Uint8Array} data */
function linesOf(data) {
  const lines = [];
  for (let start = 0; ; ) {
    const end = data.indexOf(LF, start);
    lines.push(data.subarray(start, end < 0 ? data.length : end));
    if (end < 0) {
      return lines;
    }
    start = end + 1;
  }
}

/**
 * The root of the tree over lines: docs/spec/text-1.md. Its leaves are not hashed as those of a log.
 *
 * @param {Uint8Array[]} lines
 */
const linesRoot = (lines) => toHex(rootOf(lines.map((line) => sha256(concat(Uint8Array.of(0x02), line)))));

/**
 * @param {Bundle} bundle
 * @returns {Outcome}
 */
export function checkPublisher({ entry: { record, signature } }) {
  if (signature === undefined) {
    return unchecked("unsigned", "The publisher did not sign: that it is theirs is the operator's claim.");
  }
  try {
    verifySignature(record, fromHex(signature));
  } catch (error) {
    if (error instanceof ProofFailed) {
      return failed(error.code, `The publisher's signature is not valid: ${error.message}`);
    }
    throw error;
  }
  return passed("signed", "The publisher's key signed this record. Whose key it is, is not checked here.");
}

/**
 * Whether a later revision or retraction exists, by the log's signed statement.
 *
 * @param {Bundle} bundle
 * @param {Trust | undefined} trust
 * @param {number} now milliseconds since 1970
 * @returns {Outcome}
 */
export function checkCurrent(bundle, trust, now) {
  const { record } = bundle.entry;
  if (bundle.current === undefined) {
    return record.document === undefined
      ? notApplicable("no-document", "The record belongs to no document that could be revised.")
      : unchecked("no-statement", `Whether there is a later revision was not checked.${knownOf(bundle)}`);
  }
  if (record.document === undefined) {
    return failed("current-without-document", "The bundle speaks of revisions of a record without a document.");
  }
  if (trust === undefined) {
    return unchecked("no-trust", "Without a trust file the log's statement about revisions cannot be checked.");
  }
  if (trust.origin !== record.origin) {
    return unchecked("log-not-trusted", `The trust file does not name the log ${record.origin}.`);
  }
  let statement;
  try {
    statement = verifyCurrent(bundle.current.statement, (size) => keysFor(trust, size));
  } catch (error) {
    if (error instanceof InvalidNote || error instanceof ProofFailed) {
      const what = `The log's statement about revisions is not valid: ${error.message}`;
      return failed("current-statement-invalid", what);
    }
    throw error;
  }
  const { origin, publisher, document } = statement;
  if (origin !== record.origin || publisher !== record.publisher.id || document !== record.document) {
    return failed("current-of-another", "The log's statement about revisions is about another document.");
  }
  return judgeCurrent(bundle, statement, bundle.current.later, trust, now);
}

/** @param {Bundle} bundle */
function knownOf(bundle) {
  const size = knownSize(bundle);
  return size === undefined ? "" : ` The bundle knows the log as of size ${size}.`;
}

/**
 * @param {Bundle} bundle
 * @param {import("./current.js").CurrentStatement} statement
 * @param {import("./bundle.js").Later[]} later
 * @param {Trust} trust
 * @param {number} now
 */
function judgeCurrent({ entry }, statement, later, trust, now) {
  let latest = entry;
  for (const step of later) {
    const problem = laterProblem(latest, step, trust);
    if (problem !== undefined) {
      return problem;
    }
    latest = step.entry;
  }
  if (latest.leafHash !== statement.latest) {
    return failed("later-incomplete", "The later revisions in the bundle do not lead to the one the log names.");
  }
  if (later.length > 0) {
    return latest.record.status === "retraction"
      ? failed("retracted", `The publisher retracted this: entry ${statement.latest}.`)
      : failed("older-revision", `There is a later revision: entry ${statement.latest}.`);
  }
  if (statement.time <= now - FRESH_MS || statement.time > now + CLOCK_SKEW_MS) {
    const what = `The log named this the latest at size ${statement.size}, not lately.`;
    return unchecked("statement-stale", what);
  }
  return passed("current", `The log states that this was the latest revision at size ${statement.size}.`);
}

/**
 * What is wrong with a later entry as a proven revision of the one before.
 *
 * @param {import("./entry.js").Entry} previous
 * @param {import("./bundle.js").Later} step
 * @param {Trust} trust
 */
function laterProblem(previous, { entry, proof }, trust) {
  const reason = whyNotARevision(previous, entry);
  if (reason !== undefined) {
    return failed("later-not-a-revision", `An entry given as a later revision is none: ${reason}.`);
  }
  try {
    checkProof(proof, entry, trust);
    return undefined;
  } catch (error) {
    if (error instanceof NotaryError) {
      return failed("later-not-proven", `An entry given as a later revision is not proven: ${error.message}`);
    }
    throw error;
  }
}

/**
 * Whether an outcome of `current` is the proven existence of a later entry, not false evidence.
 *
 * @param {Outcome} outcome
 */
export const isSuperseded = ({ status, code }) => status === "fail" && (code === "older-revision" || code === "retracted");
