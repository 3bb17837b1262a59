// From a report and a copy to what the saved verifier says: one sentence, how it looks, what it shows. Pure.

import { resultOf } from "./rows.js";

/** @typedef {import("./heldcopy.js").Held} Held */
/** @typedef {import("./rows.js").Result} Result */
/** @typedef {import("./words.js").Words} Words */

/** @type {{ [state in import("./heldcopy.js").HeldState]: Result["kind"] | undefined }} what the copy leaves of a result */
const KINDS = {
  same: undefined,
  file: undefined,
  around: "open",
  more: "open",
  typography: "open",
  moved: "open",
  changed: "fail",
  elsewhere: "fail",
  "not-found": "open",
  unread: "open",
};

/**
 * False evidence first, then what differs, then what is missing, then what is superseded: the order of the verification.
 * Of another log than the trust file's nothing is known, so that a copy is neither right nor wrong by it.
 *
 * @param {import("../verify/verify.js").Report} report of the evidence alone, or of a file's with the copy
 * @param {import("../verify/bundle.js").Bundle} bundle
 * @param {Held | undefined} held
 * @param {{ development: boolean, trusted?: string }} given with the origin that the trust file names
 * @param {Words} words
 * @returns {Result}
 */
export function offlineResult(report, bundle, held, { development, trusted }, words) {
  const { origin } = bundle.entry.record;
  if (trusted !== undefined && trusted !== origin && report.verdict !== "refuted") {
    return { kind: "open", sentence: words.say("result.other-log", { origin, trusted }), shows: [words.say("shows.nothing")] };
  }
  const evidence = evidenceResult(report, bundle, held, { development, trusted }, words);
  if (held === undefined || (evidence.kind === "fail" && report.verdict !== "changed")) {
    return evidence;
  }
  const kind = KINDS[held.state];
  const sentence = words.say(`copy.${held.state}`, { count: held.changes?.hunks.length ?? 0 });
  if (kind === "fail") {
    return { kind, sentence, shows: [words.say("shows.nothing")] };
  }
  // What is old stays old: a copy that fits is a copy of what was superseded.
  const isWeaker = kind !== undefined && evidence.kind !== "old";
  return { ...evidence, kind: isWeaker ? kind : evidence.kind, sentence: `${sentence} ${evidence.sentence}` };
}

/**
 * The verdict of evidence and copy: docs/spec/verify.md, the table of verdicts.
 *
 * @param {Pick<import("../verify/verify.js").Report, "verdict">} report
 * @param {Held | undefined} held
 * @param {boolean} isForeign whether the trust file is for another log
 * @returns {import("../verify/verify.js").Verdict}
 */
export function offlineVerdict({ verdict }, held, isForeign) {
  if (held === undefined || isForeign || verdict === "refuted" || verdict === "invalid") {
    return verdict;
  }
  if (["changed", "moved", "elsewhere"].includes(held.state)) {
    return "changed";
  }
  if (held.state === "typography") {
    return "typography-only";
  }
  return verdict === "match" && (held.state === "around" || held.state === "more") ? "match-with-unchecked" : verdict;
}

/**
 * @param {import("../verify/verify.js").Report} report
 * @param {import("../verify/bundle.js").Bundle} bundle
 * @param {Held | undefined} held
 * @param {{ development: boolean, trusted?: string }} given
 * @param {Words} words
 * @returns {Result}
 */
function evidenceResult(report, bundle, held, { development, trusted }, words) {
  const result = resultOf(report, bundle, { development }, words);
  const isFile = bundle.entry.record.content.kind === "file" && held === undefined;
  return report.verdict === "cannot-check" && trusted === undefined && !isFile
    ? { ...result, sentence: words.say("result.no-trust") }
    : result;
}
