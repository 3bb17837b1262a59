// What the page that checks copies says of a result: one sentence, one about time, notes. Pure.

import { SAME_PAGE } from "../verify/copies.js";
import { linesOfDocument } from "../verify/find.js";
import { isMoved } from "./moved.js";
import { blockOf, NOT_ASKED, outcomesOf } from "./rows.js";

/** @typedef {import("../verify/find.js").Finding} Finding */
/** @typedef {import("../verify/verify.js").Report} Report */
/** @typedef {import("./held.js").Held} Held */
/** @typedef {import("./words.js").Words} Words */

/**
 * @typedef {object} Checked
 * @property {Held} held
 * @property {import("../verify/bundle.js").Bundle} bundle
 * @property {Report} report
 * @property {Finding} [finding]
 * @property {string[]} uncovered
 * @property {boolean} development
 */

const MAX_NOTES = 12;

/**
 * How the copy stands to the recorded text: the end of a key of a string.
 *
 * @param {Checked} checked
 */
export function foundCode({ held, bundle, report, finding, uncovered }) {
  const { copy } = outcomesOf(report);
  if (held.kind === "bundle") {
    return "bundle";
  }
  if (copy.code === "identical-file") {
    return "file";
  }
  if (copy.status === "fail") {
    if (finding === undefined || finding.code === "same" || finding.code === "same-with-more" || finding.code === "not-found") {
      return copy.code === "typography-only" ? "typography-only" : "elsewhere";
    }
    // Where a page was read by its publisher's profile, that is what counts.
    if (copy.code === "typography-only" || (finding.code === "missing" && isPart(finding))) {
      return copy.code === "typography-only" ? "typography-only" : "part";
    }
    const theirs = (held.pasted?.lines ?? []).map(({ text }) => text);
    return isMoved(finding, linesOfDocument(bundle.text ?? ""), theirs) ? "moved" : finding.code;
  }
  if (copy.status === "pass") {
    return "same";
  }
  return uncovered.length > 0 && finding?.code !== "same-with-more" ? "uncovered" : "same-with-more";
}

/**
 * The sentence of the result: the key of a string. What false evidence says of a text is not repeated.
 *
 * @param {Checked} checked
 */
export function headlineKey(checked) {
  const { report, bundle } = checked;
  const code = foundCode(checked);
  if (report.verdict === "refuted") {
    return "found.refuted";
  }
  const lacksImages = code === "same" && bundle.entry.record.media.length > 0 && outcomesOf(report).copy.code !== SAME_PAGE;
  return lacksImages ? "found.same-without-images" : `found.${code}`;
}

/**
 * Whether what was found in the copy is what is said of it. A page that was read by its publisher's profile has its lines in
 * another order than the record, and nothing of that differs.
 *
 * @param {Checked} checked
 */
export function isOfFinding({ report, finding }) {
  const { copy } = outcomesOf(report);
  if (finding === undefined || finding.code === "not-found") {
    return false;
  }
  return copy.status === "fail"
    ? (copy.code === "typography-only") === (finding.code === "typography-only")
    : finding.code === "same" || finding.code === "same-with-more";
}

/**
 * Whether only lines before it and behind it are missing.
 *
 * @param {Finding} finding
 */
function isPart({ ops }) {
  const inner = ops.slice(ops[0].kind === "missing" ? 1 : 0, ops[ops.length - 1].kind === "missing" ? -1 : undefined);
  return inner.every(({ kind }) => kind === "same");
}

/**
 * The sentence about time: the key of a string.
 *
 * @param {Checked} checked
 */
export function whenKey({ report, bundle, development }) {
  const outcomes = outcomesOf(report);
  if (report.verdict === "refuted") {
    return "when.refuted";
  }
  if (outcomes.current.code === "retracted" || outcomes.current.code === "older-revision") {
    return outcomes.current.code === "retracted" ? "when.retracted" : "when.older";
  }
  if (bundle.anchors.length === 0) {
    return "when.pending";
  }
  const { anchor, chain } = outcomes;
  const isShown = anchor.status === "pass" || NOT_ASKED.has(anchor.code);
  if (!isShown || ["record", "inclusion", "checkpoint"].some((name) => outcomes[name].status !== "pass")) {
    return "when.unchecked";
  }
  if (anchor.status !== "pass" || chain.status !== "pass") {
    return "when.open";
  }
  return development ? "when.development" : "when.proven";
}

/**
 * Whether it has to be said beside the sentence about time that the chain proves nothing to others.
 *
 * @param {Checked} checked
 */
export const isOnTestChain = (checked) =>
  checked.development && ["when.open", "when.older", "when.retracted"].includes(whenKey(checked));

/**
 * How the result looks. Green is nothing but a match of everything.
 *
 * @param {Checked} checked
 * @returns {"pass" | "test" | "open" | "fail" | "old"}
 */
export function kindOf(checked) {
  const { report, development } = checked;
  const code = foundCode(checked);
  if (report.verdict === "refuted") {
    return "fail";
  }
  if (outcomesOf(report).copy.status === "fail" && !["typography-only", "part", "moved"].includes(code)) {
    return "fail";
  }
  // A copy of what was replaced or retracted has to say so first, be its typography as it may.
  if (["older-revision", "retracted"].includes(outcomesOf(report).current.code)) {
    return "old";
  }
  if (report.verdict === "match" && code !== "bundle") {
    return development ? "test" : "pass";
  }
  return "open";
}

/**
 * @param {Checked} checked
 * @param {Words} words
 */
export function valuesOf({ bundle }, words) {
  const block = blockOf(bundle);
  return { number: block?.number, chain: block?.chainId, time: block === undefined ? "" : words.time(block.time) };
}

/**
 * @param {Held} held
 * @param {Words} words
 * @returns {string[]}
 */
export function notesOfHeld({ from, url, pasted }, words) {
  const notes = from === "url" ? [words.say("note.from-server", { url })] : [];
  const deleted = (pasted?.notices ?? []).filter(({ code }) => code === "deleted-invisible");
  if (deleted.length > 0) {
    const what = deleted.map(({ codepoint, count }) => {
      const hex = codepoint.toString(16).toUpperCase().padStart(4, "0");
      return `${words.say(`note.${hex}`)} (U+${hex}) × ${count}`;
    });
    notes.push(words.say("note.deleted", { what: what.join(", ") }));
  }
  const unreadable = (pasted?.lines ?? []).filter(({ problem }) => problem !== undefined).length;
  return unreadable > 0 ? [...notes, words.say("note.unreadable-lines", { count: unreadable })] : notes;
}

/**
 * @param {Checked} checked
 * @param {Words} words
 * @returns {string[]}
 */
export function notesOf(checked, words) {
  const { held, bundle, finding, uncovered } = checked;
  const lines = held.pasted?.lines ?? [];
  const notes = notesOfHeld(held, words);
  if (finding !== undefined && finding.code !== "not-found" && (finding.from > 0 || finding.to < lines.length)) {
    notes.push(words.say("note.around", { before: finding.from, behind: lines.length - finding.to }));
  }
  notes.push(...shortened((finding?.echoes ?? []).map((at) => words.say("note.echo", { line: lines[at].text.slice(0, 300) })), words));
  notes.push(...shortened(uncovered.map((what) => words.say("note.beside", { what })), words));
  if (finding?.coarse) {
    notes.push(words.say("note.coarse"));
  }
  const isSaid = headlineKey(checked) === "found.same-without-images";
  return bundle.entry.record.media.length > 0 && !isSaid ? [...notes, words.say("note.images")] : notes;
}

/**
 * @param {string[]} notes
 * @param {Words} words
 */
const shortened = (notes, words) =>
  notes.length <= MAX_NOTES ? notes : [...notes.slice(0, MAX_NOTES), words.say("note.more", { count: notes.length - MAX_NOTES })];
