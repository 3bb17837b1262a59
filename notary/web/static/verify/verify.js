// One bundle: nine checks in their order, and the verdict that follows. docs/spec/verify.md.

import { checkCurrent, checkPublisher, checkRecord, checkText, isSuperseded } from "./checks.js";
import { checkCopy, readCopy, SAME_PAGE, WITH_UNCHECKED } from "./copies.js";
import { checkAnchor, checkChain, checkCheckpoint, checkInclusion } from "./logchecks.js";

/** @typedef {import("./bundle.js").Bundle} Bundle */
/** @typedef {import("./outcome.js").Outcome} Outcome */

export const EXITS = /** @type {const} */ ({
  match: 0,
  changed: 1,
  "typography-only": 1,
  refuted: 1,
  invalid: 2,
  pending: 3,
  "cannot-check": 3,
  "not-found": 3,
  "match-with-unchecked": 3,
  "older-revision": 4,
  retracted: 4,
});

/** @typedef {keyof typeof EXITS} Verdict */

/**
 * @typedef {object} Report
 * @property {Verdict} verdict
 * @property {number} exit
 * @property {({ name: string } & Outcome)[]} checks
 *
 * @typedef {object} Given
 * @property {import("./trust.js").Trust} [trust]
 * @property {import("./chain.js").ChainEvidence} evidence
 * @property {number} now milliseconds since 1970; only dates the log's statement about revisions
 * @property {import("./copies.js").Copy} [copy]
 * @property {import("./copies.js").ParsePage} [parsePage] needed for a copy that is a page
 * @property {Outcome} [found] of the check `copy`, where the text was found inside what the reader holds: foundcopy.js
 * @property {(name: string, outcome: Outcome) => Promise<void> | void} [onCheck] told of each check when it was made
 */

/** Checks that must pass for a match; `copy` must, where one is given. */
const REQUIRED = ["record", "text", "inclusion", "checkpoint", "anchor", "chain"];

/**
 * Asks nobody, reads no clock.
 *
 * @param {Bundle} bundle
 * @param {Given} given
 * @returns {Promise<Report>}
 * @throws {import("./errors.js").InvalidText} where the copy cannot be read as a text; anything wrong with the bundle's
 *   evidence is in the report
 */
export async function verify(bundle, { trust, evidence, now, copy, parsePage, found, onCheck }) {
  const reading = await readCopy(bundle, copy, parsePage);
  const steps = {
    record: () => checkRecord(bundle),
    text: () => checkText(bundle, reading),
    copy: () => found ?? checkCopy(bundle, copy, reading),
    publisher: () => checkPublisher(bundle),
    inclusion: () => checkInclusion(bundle),
    checkpoint: () => checkCheckpoint(bundle, trust),
    anchor: () => checkAnchor(bundle, trust, evidence),
    chain: () => checkChain(bundle, trust, evidence),
    current: () => checkCurrent(bundle, trust, now),
  };
  /** @type {{ [name: string]: Outcome }} */
  const outcomes = {};
  for (const [name, check] of Object.entries(steps)) {
    outcomes[name] = check();
    await onCheck?.(name, outcomes[name]);
  }
  const verdict = verdictOf(bundle, outcomes);
  const checks = Object.entries(outcomes).map(([name, outcome]) => ({ name, ...outcome }));
  return { verdict, exit: EXITS[verdict], checks };
}

/**
 * False evidence first, then what differs, then what is missing, then what is superseded.
 *
 * @param {Bundle} bundle
 * @param {{ [name: string]: Outcome }} outcomes
 * @returns {Verdict}
 */
function verdictOf({ anchors, entry: { record } }, outcomes) {
  const { copy, current } = outcomes;
  const superseded = isSuperseded(current);
  const failures = Object.keys(outcomes).filter((name) => outcomes[name].status === "fail");
  if (failures.some((name) => name !== "copy" && !(name === "current" && superseded))) {
    return "refuted";
  }
  if (copy.status === "fail") {
    return copy.code === "typography-only" ? "typography-only" : "changed";
  }
  if (anchors.length === 0) {
    return "pending";
  }
  if (!requiredFor(record, copy).every((name) => outcomes[name].status === "pass")) {
    return "cannot-check";
  }
  if (superseded) {
    return current.code === "retracted" ? "retracted" : "older-revision";
  }
  // A text alone cannot show that images are the same.
  if (copy.code === WITH_UNCHECKED || (record.media.length > 0 && copy.code !== SAME_PAGE)) {
    return "match-with-unchecked";
  }
  return "match";
}

/**
 * @param {import("./record.js").Record} record
 * @param {Outcome} copy
 */
function requiredFor({ content }, copy) {
  if (content.kind === "file") {
    // Nothing of a file is in the bundle: the copy is what there is to match.
    return [...REQUIRED.filter((name) => name !== "text"), "copy"];
  }
  const isOptional = copy.status === "not-applicable" || copy.code === WITH_UNCHECKED;
  return isOptional ? REQUIRED : [...REQUIRED, "copy"];
}
