// Of the entries that a copy may be a copy of, the one that it is.

import { parseBundle } from "../verify/bundle.js";
import { NotaryError } from "../verify/errors.js";
import { find } from "../verify/find.js";
import { Unfetched } from "./bounded.js";
import { fetchBundle } from "./entrypage.js";

/** @typedef {import("../verify/bundle.js").Bundle} Bundle */
/** @typedef {import("../verify/find.js").Finding} Finding */
/** @typedef {import("./held.js").Held} Held */
/** @typedef {import("./search.js").Candidate} Candidate */

/**
 * @typedef {object} Match
 * @property {Candidate} candidate
 * @property {Uint8Array} bytes of the bundle
 * @property {Bundle} bundle
 * @property {Finding} [finding] where its text was held against the copy
 */

const MAX_TRIED = 5;
const ORDER = ["same", "same-with-more", "typography-only", "missing", "inserted", "changed", "not-found"];

/**
 * @param {Candidate[]} candidates best first
 * @param {Held} held
 * @returns {Promise<{ match?: Match, problem?: Error }>} the problem with the first bundle that could not be used
 */
export async function choose(candidates, held) {
  /** @type {Match | undefined} */
  let best;
  /** @type {Error | undefined} */
  let problem;
  for (const candidate of candidates.slice(0, MAX_TRIED)) {
    try {
      const bytes = await fetchBundle(candidate.leaf_hash);
      const bundle = parseBundle(bytes);
      if (bundle.entry.leafHash !== candidate.leaf_hash) {
        throw new NotaryError("The server sent the evidence of another entry.", "another-entry");
      }
      const match = { candidate, bytes, bundle, finding: findingIn(bundle, held) };
      if (candidate.exact || match.finding?.code === "same") {
        return { match };
      }
      if (match.finding !== undefined && match.finding.code !== "not-found" && isBetter(match, best)) {
        best = match;
      }
    } catch (error) {
      if (!(error instanceof Unfetched || error instanceof NotaryError)) {
        throw error;
      }
      problem ??= error;
    }
  }
  return { match: best, problem };
}

/**
 * @param {Bundle} bundle
 * @param {Held} held
 */
export const findingIn = ({ text }, { pasted }) =>
  text === undefined || pasted === undefined ? undefined : find(text, pasted.lines);

/**
 * @param {Match} one
 * @param {Match | undefined} other
 */
function isBetter(one, other) {
  return other === undefined || compareMatches(one, other) < 0;
}

/**
 * By what kind of difference there is only between none and some; else by how much differs.
 *
 * @param {Match} one
 * @param {Match} other
 */
function compareMatches({ finding: one }, { finding: other }) {
  const rank = (/** @type {Finding | undefined} */ finding) => Math.min(3, ORDER.indexOf(finding?.code ?? "not-found"));
  const differing = (/** @type {Finding | undefined} */ finding) =>
    (finding?.ops ?? []).reduce((sum, { kind, a, aEnd, b, bEnd }) => sum + (kind === "same" ? 0 : Math.max(aEnd - a, bEnd - b)), 0);
  return rank(one) - rank(other) || differing(one) - differing(other);
}
