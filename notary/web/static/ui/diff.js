// What changed between two canonical documents, in words: docs/spec/diff.md. For showing, never for a verdict.

import { Aligner } from "../verify/sequences.js";
import { areVersions, segmentsOf, wordsOf } from "../verify/words.js";

/**
 * @typedef {import("../verify/words.js").Segment} Segment
 * @typedef {import("../verify/words.js").Words} Line
 * @typedef {import("../verify/sequences.js").Pair} Pair
 * @typedef {{ a: number | null, b: number | null, segments: Segment[] }} Row lines, counted from 1
 * @typedef {{ a: number, b: number, rows: Row[] }} Hunk
 * @typedef {{ hunks: Hunk[], coarse: boolean }} Changes
 */

const MAX_PAIRS = 2_000;

/**
 * @param {string[]} a lines
 * @param {string[]} b
 * @returns {Changes}
 */
export function diffLines(a, b) {
  const { pairs, coarse } = align(a, b);
  /** @type {Changes} */
  const changes = { hunks: [], coarse };
  let [fromA, fromB] = [0, 0];
  for (const [atA, atB] of [...pairs, /** @type {Pair} */ ([a.length, b.length])]) {
    if (fromA < atA || fromB < atB) {
      const rows = rowsOf(a.slice(fromA, atA), b.slice(fromB, atB), [fromA + 1, fromB + 1], changes);
      changes.hunks.push({ a: fromA + 1, b: fromB + 1, rows });
    }
    [fromA, fromB] = [atA + 1, atB + 1];
  }
  return changes;
}

/**
 * @param {string[]} old
 * @param {string[]} now
 * @param {[number, number]} numbers of the first lines
 * @param {Changes} changes
 */
function rowsOf(old, now, [firstA, firstB], changes) {
  const linesA = old.map(wordsOf);
  const linesB = now.map(wordsOf);
  const pairs = pairsOf(linesA, linesB, changes);
  /** @type {Row[]} */
  const rows = [];
  let [fromA, fromB] = [0, 0];
  for (const [atA, atB] of [...pairs, /** @type {Pair} */ ([old.length, now.length])]) {
    for (; fromA < atA; fromA += 1) {
      rows.push({ a: firstA + fromA, b: null, segments: whole("delete", old[fromA]) });
    }
    for (; fromB < atB; fromB += 1) {
      rows.push({ a: null, b: firstB + fromB, segments: whole("insert", now[fromB]) });
    }
    if (atA < old.length) {
      rows.push({ a: firstA + atA, b: firstB + atB, segments: wordsChanged(linesA[atA], linesB[atB], changes) });
    }
    [fromA, fromB] = [atA + 1, atB + 1];
  }
  return rows;
}

/**
 * @param {"delete" | "insert"} kind
 * @param {string} text
 * @returns {Segment[]}
 */
const whole = (kind, text) => (text === "" ? [] : [{ kind, text }]);

/**
 * Which old lines became which new ones: the pairs of the greatest sum, in order.
 *
 * @param {Line[]} old
 * @param {Line[]} now
 * @param {Changes} changes
 * @returns {Pair[]}
 */
function pairsOf(old, now, changes) {
  if (old.length === 0 || now.length === 0) {
    return [];
  }
  if (old.length * now.length > MAX_PAIRS) {
    changes.coarse = true;
    return Array.from({ length: Math.min(old.length, now.length) }, (_, at) => [at, at]);
  }
  const scores = old.map((line) => now.map((other) => score(line, other)));
  const width = now.length + 1;
  const best = new Float64Array((old.length + 1) * width);
  for (let row = old.length - 1; row >= 0; row -= 1) {
    for (let column = now.length - 1; column >= 0; column -= 1) {
      const at = row * width + column;
      const paired = scores[row][column] === 0 ? 0 : scores[row][column] + best[at + width + 1];
      best[at] = Math.max(best[at + width], best[at + 1], paired);
    }
  }
  /** @type {Pair[]} */
  const pairs = [];
  for (let row = 0, column = 0; row < old.length && column < now.length; ) {
    const at = row * width + column;
    if (scores[row][column] > 0 && best[at] === scores[row][column] + best[at + width + 1]) {
      pairs.push([row, column]);
      row += 1;
      column += 1;
    } else if (best[at] === best[at + width]) {
      row += 1;
    } else {
      column += 1;
    }
  }
  return pairs;
}

/**
 * How alike two lines are; 0 if they are no pair.
 *
 * @param {Line} one
 * @param {Line} other
 */
function score({ words: one }, { words: other }) {
  const common = align(one, other).pairs.length;
  const together = one.length + other.length;
  return common > 0 && areVersions(common, together) ? (1 + 2 * common * common) / (1 + together) : 0;
}

/**
 * @param {Line} old
 * @param {Line} now
 * @param {Changes} changes
 * @returns {Segment[]}
 */
function wordsChanged(old, now, changes) {
  const { pairs, coarse } = align(old.words, now.words);
  changes.coarse ||= coarse;
  return segmentsOf(old, now, pairs);
}

/**
 * @param {string[]} a
 * @param {string[]} b
 * @returns {{ pairs: Pair[], coarse: boolean }}
 */
function align(a, b) {
  // Bounded by the table that one gap may take; there is no budget for the whole, as two versions are alike.
  const aligner = new Aligner(Infinity);
  return { pairs: aligner.align(a, b), coarse: aligner.coarse };
}
