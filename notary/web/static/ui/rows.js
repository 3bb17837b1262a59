// From a bundle and its report to what the page says: one sentence, seven rows, what it shows. Pure.

import { InvalidInput } from "../verify/errors.js";
import { claimedBlock } from "../verify/logchecks.js";

/** @typedef {import("../verify/bundle.js").Bundle} Bundle */
/** @typedef {import("../verify/outcome.js").Outcome} Outcome */
/** @typedef {import("../verify/verify.js").Report} Report */
/** @typedef {import("./words.js").Words} Words */
/** @typedef {{ [check: string]: Outcome }} Outcomes */

/**
 * @typedef {"pass" | "fail" | "unchecked" | "not-applicable" | "superseded" | "waiting"} State
 *
 * @typedef {object} Row
 * @property {string} name
 * @property {State} state
 * @property {string[]} sentences
 * @property {string[]} checks those it sums up
 *
 * @typedef {{ number: bigint, chainId: number, time: number }} Block
 *
 * @typedef {object} Result
 * @property {"pass" | "test" | "open" | "fail" | "old"} kind how it looks
 * @property {string} sentence
 * @property {string[]} shows
 */

/** Which checks each row sums up. A block dates the tree that is anchored in it, and an entry only if it is in that tree. */
export const ROWS = Object.freeze({
  text: ["record", "text"],
  images: [],
  date: ["inclusion", "anchor", "chain"],
  publisher: ["publisher"],
  log: ["inclusion", "checkpoint"],
  anchor: ["anchor", "chain"],
  corrections: ["current"],
});

/** @typedef {keyof typeof ROWS} RowName */

/** @type {State[]} */
const SEVERITY = ["fail", "superseded", "unchecked", "pass", "not-applicable"];
/** Why the chain was not asked, nor of a storage-only anchor the registry. */
export const NOT_ASKED = new Set(["offline", "no-endpoint"]);

/**
 * @param {Report} report
 * @returns {Outcomes}
 */
export const outcomesOf = ({ checks }) => Object.fromEntries(checks.map(({ name, ...outcome }) => [name, outcome]));

/**
 * The block that the earliest anchor names; nothing of it is proven unless the checks of the row `date` passed.
 *
 * @param {Bundle} bundle
 * @returns {Block | undefined}
 */
export function blockOf({ anchors }) {
  /** @type {Block | undefined} */
  let earliest;
  for (const anchor of anchors) {
    try {
      const { number, timestamp } = claimedBlock(anchor);
      const time = Number(timestamp) * 1000;
      // A date that no calendar has is none.
      if (time <= 8.64e15 && (earliest === undefined || time < earliest.time)) {
        earliest = { number, chainId: anchor.chainId, time };
      }
    } catch (error) {
      if (!(error instanceof InvalidInput)) {
        throw error;
      }
    }
  }
  return earliest;
}

/** @param {Outcome} outcome */
const stateOf = ({ status, code }) => (code === "older-revision" || code === "retracted" ? "superseded" : status);

/**
 * A row, as far as its checks were made.
 *
 * @param {RowName} name
 * @param {Bundle} bundle
 * @param {Outcomes} outcomes
 * @param {Words} words
 * @returns {Row}
 */
export function rowOf(name, bundle, outcomes, words) {
  const checks = ROWS[name];
  if (!checks.every((check) => check in outcomes)) {
    return { name: words.say(`row.${name}`), state: "waiting", sentences: [words.say("row.waiting")], checks };
  }
  const made = checks.map((check) => ({ check, outcome: outcomes[check] }));
  const states = made.map(({ outcome }) => stateOf(outcome));
  /** @type {Row} */
  const row = {
    name: words.say(`row.${name}`),
    state: SEVERITY.find((state) => states.some((one) => one === state)) ?? "not-applicable",
    sentences: [...new Set(made.map(({ check, outcome }) => words.explain(check, outcome)))],
    checks,
  };
  if (name === "images") {
    return { ...row, ...images(bundle, words) };
  }
  return name === "date" ? { ...row, sentences: dates(row.state, bundle, words) } : row;
}

/**
 * @param {Bundle} bundle
 * @param {Words} words
 * @returns {{ state: State, sentences: string[] }}
 */
function images({ entry: { record } }, words) {
  return record.media.length === 0
    ? { state: "not-applicable", sentences: [words.say("images.none")] }
    : { state: "unchecked", sentences: [words.say("images.some", { count: record.media.length })] };
}

/**
 * @param {State} state
 * @param {Bundle} bundle
 * @param {Words} words
 */
function dates(state, bundle, words) {
  const { entry } = bundle;
  const block = blockOf(bundle);
  const key = state === "fail" ? "date.false" : block === undefined ? "date.none" : state === "pass" ? "date.proven" : "date.open";
  const sentences = [words.say(key, valuesOf(block, bundle, words)), words.say("date.logged", { time: words.time(entry.time) })];
  if (entry.record.published !== undefined) {
    sentences.push(words.say("date.published", { time: entry.record.published }));
  }
  return sentences;
}

/**
 * @param {Block | undefined} block
 * @param {Bundle} bundle
 * @param {Words} words
 */
const valuesOf = (block, { entry }, words) => ({
  origin: entry.record.origin,
  number: block?.number,
  chain: block?.chainId,
  time: block === undefined ? "" : words.time(block.time),
});

/**
 * The result in one sentence, and what it shows.
 *
 * @param {Report} report
 * @param {Bundle} bundle
 * @param {{ development: boolean }} given whether the chain proves nothing to others
 * @param {Words} words
 * @returns {Result}
 */
export function resultOf(report, bundle, { development }, words) {
  const outcomes = outcomesOf(report);
  const values = valuesOf(blockOf(bundle), bundle, words);
  /** @type {(kind: Result["kind"], key: string, shows: string[]) => Result} */
  const result = (kind, key, shows) => {
    // A sentence about a time, or a good one, never stands alone on a chain that proves nothing to others.
    const isClaim = development && shows.some((one) => one === "shows.rewritable" || one === "shows.open") && key !== "result.development";
    const sentence = [words.say(key, values), ...(isClaim ? [words.say("test-chain")] : [])].join(" ");
    return { kind, sentence, shows: shows.map((one) => words.say(one, values)) };
  };
  const proven = development ? ["test-chain", "shows.rewritable"] : ["shows.claim", "shows.audit"];
  switch (report.verdict) {
    case "match":
      return result(development ? "test" : "pass", development ? "result.development" : "result.match", proven);
    case "match-with-unchecked":
      return result("open", "result.unchecked-images", proven);
    case "older-revision":
      return result("old", "result.older", proven);
    case "retracted":
      return result("old", "result.retracted", proven);
    case "pending":
      return bundle.proof === undefined
        ? result("open", "result.accepted", ["shows.nothing"])
        : result("open", "result.pending", ["shows.pending"]);
    case "cannot-check":
      return result("open", ...cannotCheck(bundle, outcomes));
    default:
      return result("fail", outcomes.text?.status === "fail" ? "result.altered" : "result.refuted", ["shows.nothing"]);
  }
}

/**
 * @param {Bundle} bundle
 * @param {Outcomes} outcomes
 * @returns {[string, string[]]}
 */
function cannotCheck({ entry: { record } }, outcomes) {
  if (record.content.kind === "file") {
    return ["result.file", ["shows.nothing"]];
  }
  const others = ["record", "text", "inclusion", "checkpoint"].every((name) => outcomes[name].status === "pass");
  // What only the registry's storage shows is not asked either.
  const anchored = outcomes.anchor.status === "pass" || NOT_ASKED.has(outcomes.anchor.code);
  return others && anchored && NOT_ASKED.has(outcomes.chain.code)
    ? ["result.open", ["shows.open"]]
    : ["result.cannot-check", ["shows.nothing"]];
}
