// What changed between two versions of a line, in words: docs/spec/diff.md, What changed.

import { tokensOf } from "./tokens.js";

/** @typedef {import("./sequences.js").Aligner} Aligner */
/** @typedef {import("./sequences.js").Pair} Pair */
/** @typedef {{ kind: "equal" | "delete" | "insert", text: string }} Segment whole tokens, as written in the document */

/**
 * @typedef {object} Words a line as tokens
 * @property {string[]} tokens
 * @property {string[]} words all but white space
 * @property {number[]} places which token each word is
 */

/** @param {string} token */
const isSpace = (token) => token[0] === " ";

/**
 * @param {string} line
 * @returns {Words}
 */
export function wordsOf(line) {
  const tokens = tokensOf(line);
  const places = tokens.flatMap((token, at) => (isSpace(token) ? [] : [at]));
  return { tokens, words: places.map((at) => tokens[at]), places };
}

/**
 * Whether two lines of so many words together are versions of one, by the words they have in common, in order.
 *
 * @param {number} common
 * @param {number} words
 */
export const areVersions = (common, words) => 5 * common >= words;

/**
 * Without the inserted segments they are the old line, without the deleted ones the new.
 *
 * @param {Words} old
 * @param {Words} now
 * @param {Pair[]} pairs of words that are equal
 * @returns {Segment[]}
 */
export function segmentsOf(old, now, pairs) {
  /** @type {Segment[]} */
  const segments = [];
  let [i, j] = [0, 0];
  for (const [at, other] of [...withSpaces(old, now, pairs), /** @type {Pair} */ ([old.tokens.length, now.tokens.length])]) {
    push(segments, "delete", old.tokens.slice(i, at));
    push(segments, "insert", now.tokens.slice(j, other));
    push(segments, "equal", old.tokens.slice(at, at + 1));
    [i, j] = [at + 1, other + 1];
  }
  return segments;
}

/**
 * @param {Segment[]} segments
 * @param {Segment["kind"]} kind
 * @param {string[]} tokens
 */
function push(segments, kind, tokens) {
  const last = segments.at(-1);
  if (tokens.length > 0 && last?.kind === kind) {
    last.text += tokens.join("");
  } else if (tokens.length > 0) {
    segments.push({ kind, text: tokens.join("") });
  }
}

/**
 * What is equal, as places of tokens: the words, and the white space next to them.
 *
 * @param {Words} old
 * @param {Words} now
 * @param {Pair[]} pairs
 * @returns {Generator<Pair>}
 */
function* withSpaces(old, now, pairs) {
  const [a, b] = [old.tokens, now.tokens];
  let [i, j] = [0, 0];
  const ends = /** @type {Pair} */ ([a.length, b.length]);
  for (const [at, other] of [...pairs.map(([x, y]) => /** @type {Pair} */ ([old.places[x], now.places[y]])), ends]) {
    if (i < at && j < other && isSpace(a[i]) && a[i] === b[j]) {
      yield [i, j];
      [i, j] = [i + 1, j + 1];
    }
    if (i < at && j < other && isSpace(a[at - 1]) && a[at - 1] === b[other - 1]) {
      yield [at - 1, other - 1];
    }
    if (at < a.length) {
      yield [at, other];
    }
    [i, j] = [at + 1, other + 1];
  }
}
