// Of the entries that a copy may be a copy of, the one that it is.

import { parseBundle } from "../verify/bundle.js";
import { NotaryError } from "../verify/errors.js";
import { find, linesOfDocument } from "../verify/find.js";
import { Unfetched } from "./bounded.js";
import { fetchBundle } from "./entrypage.js";
import { withoutColumns } from "./search.js";

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
 * @param {(bundle: Bundle) => Promise<boolean>} isRead whether a page is that article, though its lines do not stand as recorded
 * @returns {Promise<{ match?: Match, problem?: Error }>} the problem with the first bundle that could not be used
 */
export async function choose(candidates, held, isRead) {
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
      const isFound = match.finding !== undefined && (match.finding.code !== "not-found" || (await isRead(bundle)));
      if (isFound && isBetter(match, best)) {
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

/** How much of a text must be on a page for the page to be about it: as docs/spec/find.md has it for lines. */
const OF_LOGGED = 0.3;

/**
 * Whether much of a text is among the lines of a page, be they in columns of a table that is there for its looks.
 *
 * @param {string} text
 * @param {Held} held
 */
export function sharesLines(text, { pasted }) {
  const theirs = new Set((pasted?.lines ?? []).map((line) => withoutColumns(line.text)));
  const lines = linesOfDocument(text).map(withoutColumns);
  const length = (/** @type {string[]} */ some) => some.reduce((sum, line) => sum + line.length, 0);
  return length(lines.filter((line) => theirs.has(line))) >= OF_LOGGED * length(lines);
}

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
