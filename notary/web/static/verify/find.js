// A logged text found inside whatever a reader holds: docs/spec/find.md. What is the same is decided by bytes; the rest of
// the alignment is for showing.

import { encode } from "./bytes.js";
import { compare, foldedLine } from "./compare.js";
import { gapOps } from "./findgaps.js";
import { Aligner } from "./sequences.js";

/** @typedef {import("./pasted.js").PastedLine} PastedLine */
/** @typedef {import("./words.js").Segment} Segment */

/**
 * @typedef {object} Op what became of logged lines `a` up to, without, `aEnd`, and of pasted lines `b` up to `bEnd`
 * @property {"same" | "typography" | "changed" | "missing" | "inserted"} kind
 * @property {number} a
 * @property {number} aEnd
 * @property {number} b
 * @property {number} bEnd
 * @property {Segment[]} [segments] of a changed line, or of lines that differ in typography
 *
 * @typedef {"same" | "same-with-more" | "typography-only" | "changed" | "inserted" | "missing" | "not-found"} FoundCode
 *
 * @typedef {object} Finding
 * @property {FoundCode} code
 * @property {Op[]} ops from the first pasted line that belongs to the article to the last
 * @property {number} from the first pasted line of the article
 * @property {number} to behind the last
 * @property {number[]} echoes pasted lines elsewhere that are another version of a logged line
 * @property {boolean} coarse whether more may be the same than is said
 */

const MAX_PASTED = 100_000;
/** How much of a logged text must be there, or how much of what is pasted must be of it, for one to be a copy of the other. */
const [OF_LOGGED, OF_PASTED] = [0.3, 0.5];

/**
 * The lines of a canonical document by which it is found: without the empty one behind the title.
 *
 * @param {string} document
 */
export function linesOfDocument(document) {
  const lines = document.split("\n");
  return lines.length > 2 && lines[1] === "" ? [lines[0], ...lines.slice(2)] : lines;
}

/**
 * @param {string} document the logged text, a canonical document
 * @param {PastedLine[]} pasted
 * @returns {Finding}
 */
export function find(document, pasted) {
  const logged = linesOfDocument(document);
  const [a, b] = numbered(logged, pasted.slice(0, MAX_PASTED));
  const aligner = new Aligner();
  const pairs = withoutStrays(compacted(aligner.align(a, b), a, b), logged, pasted);
  const ops = opsOf(pairs, logged, pasted, aligner);
  const paired = ops.filter(({ kind }) => kind !== "missing" && kind !== "inserted");
  const [from, to] = [paired.at(0)?.b ?? 0, paired.at(-1)?.bEnd ?? 0];
  const rest = { from, to, coarse: aligner.coarse };
  if (!isCopy(paired, logged, pasted, from, to)) {
    return { code: "not-found", ops: [], echoes: [], ...rest };
  }
  const code = codeOf(document, pasted, ops, from, to);
  return { code, ops, echoes: echoesOf(logged, pasted, from, to), ...rest };
}

/**
 * The same number for the same line. A line with a problem equals none.
 *
 * @param {string[]} logged
 * @param {PastedLine[]} pasted
 */
function numbered(logged, pasted) {
  /** @type {Map<string, number>} */
  const numbers = new Map();
  const numberOf = (/** @type {string} */ line) => {
    const number = numbers.get(line) ?? numbers.size;
    numbers.set(line, number);
    return number;
  };
  const a = logged.map(numberOf);
  return [a, pasted.map(({ text, problem }, at) => (problem === undefined ? numberOf(text) : -1 - at))];
}

/**
 * Moves pairs to where the lines stand closest together, around the longest row of them: a title also stands in menus.
 *
 * @param {import("./sequences.js").Pair[]} pairs
 * @param {number[]} a
 * @param {number[]} b
 */
function compacted(pairs, a, b) {
  const moved = pairs.map((pair) => /** @type {import("./sequences.js").Pair} */ ([...pair]));
  const core = longestRow(pairs);
  for (let at = core - 1; at >= 0; at -= 1) {
    const [line, place] = moved[at];
    const found = b.lastIndexOf(a[line], moved[at + 1][1] - 1);
    moved[at][1] = Math.max(place, found);
  }
  for (let at = core + 1; at < moved.length; at += 1) {
    const [line, place] = moved[at];
    const found = b.indexOf(a[line], moved[at - 1][1] + 1);
    moved[at][1] = found < 0 ? place : Math.min(place, found);
  }
  return moved;
}

/**
 * Which pair is in the middle of the longest row of pairs that follow each other in both.
 *
 * @param {import("./sequences.js").Pair[]} pairs
 */
function longestRow(pairs) {
  let [best, middle] = [0, 0];
  for (let [start, at] = [0, 1]; at <= pairs.length; at += 1) {
    const follows = at < pairs.length && pairs[at][0] - pairs[at - 1][0] === 1 && pairs[at][1] - pairs[at - 1][1] === 1;
    if (!follows) {
      if (at - start > best) {
        [best, middle] = [at - start, (start + at - 1) >> 1];
      }
      start = at;
    }
  }
  return middle;
}

/**
 * Without pairs at an end that stand far from all others: a line that is also in the foot of a page belongs there.
 *
 * @param {import("./sequences.js").Pair[]} pairs
 * @param {string[]} logged
 * @param {PastedLine[]} pasted
 */
function withoutStrays(pairs, logged, pasted) {
  const far = Math.max(20, logged.length);
  const weight = pairs.map(([line]) => logged[line].length);
  const whole = weight.reduce((sum, one) => sum + one, 0);
  let [first, last] = [0, pairs.length];
  for (let [at, before] = [1, 0]; at < pairs.length; at += 1) {
    before += weight[at - 1];
    if (pairs[at][1] - pairs[at - 1][1] > far && 4 * before < whole) {
      first = at;
    }
  }
  for (let [at, behind] = [pairs.length - 1, 0]; at > first; at -= 1) {
    behind += weight[at];
    if (pairs[at][1] - pairs[at - 1][1] > far && 4 * behind < whole) {
      last = at;
    }
  }
  return pasted.length > far ? pairs.slice(first, last) : pairs;
}

/**
 * @param {import("./sequences.js").Pair[]} pairs
 * @param {string[]} logged
 * @param {PastedLine[]} pasted
 * @param {Aligner} aligner
 * @returns {Op[]}
 */
function opsOf(pairs, logged, pasted, aligner) {
  /** @type {Op[]} */
  const ops = [];
  const fold = foldOnce();
  let [i, j] = [0, 0];
  for (const [at, [line, place]] of [...pairs, /** @type {const} */ ([logged.length, pasted.length])].entries()) {
    const edge = at === 0 ? "before" : at === pairs.length ? "behind" : "inside";
    const both = pairs.length === 0 ? "alone" : edge;
    ops.push(...gapOps({ a: i, aEnd: line, b: j, bEnd: place, edge: both }, logged, pasted, aligner, fold));
    if (at < pairs.length) {
      ops.push({ kind: "same", a: line, aEnd: line + 1, b: place, bEnd: place + 1 });
    }
    [i, j] = [line + 1, place + 1];
  }
  return joined(ops);
}

function foldOnce() {
  /** @type {Map<string, string>} */
  const known = new Map();
  return (/** @type {string} */ line) => {
    const folded = known.get(line) ?? foldedLine(line);
    known.set(line, folded);
    return folded;
  };
}

/**
 * Rows of one kind in one.
 *
 * @param {Op[]} ops
 */
function joined(ops) {
  /** @type {Op[]} */
  const all = [];
  for (const op of ops) {
    const last = all.at(-1);
    const joins = op.kind === "same" || op.kind === "missing" || op.kind === "inserted";
    if (joins && last?.kind === op.kind && last.aEnd === op.a && last.bEnd === op.b) {
      [last.aEnd, last.bEnd] = [op.aEnd, op.bEnd];
    } else {
      all.push({ ...op });
    }
  }
  return all;
}

/**
 * Whether enough is there to speak of a copy: much of the logged text, or much of what is pasted.
 *
 * @param {Op[]} paired
 * @param {string[]} logged
 * @param {PastedLine[]} pasted
 * @param {number} from
 * @param {number} to
 */
function isCopy(paired, logged, pasted, from, to) {
  const length = (/** @type {string[]} */ lines) => lines.reduce((sum, line) => sum + line.length, 0);
  const found = paired.reduce((sum, { a, aEnd }) => sum + length(logged.slice(a, aEnd)), 0);
  if (found === 0 || to <= from) {
    return false;
  }
  return found >= OF_LOGGED * length(logged) || found >= OF_PASTED * length(pasted.map(({ text }) => text));
}

/**
 * By the bytes of what stands between the first and the last line of the article; the ops only say how it is called.
 *
 * @param {string} document
 * @param {PastedLine[]} pasted
 * @param {Op[]} ops
 * @param {number} from
 * @param {number} to
 * @returns {FoundCode}
 */
function codeOf(document, pasted, ops, from, to) {
  const lines = pasted.slice(from, to);
  const texts = lines.map(({ text }) => text);
  const titled = linesOfDocument(document).length < document.split("\n").length;
  const copy = titled && texts.length > 1 ? [texts[0], "", ...texts.slice(1)].join("\n") : texts.join("\n");
  const readable = lines.every(({ problem }) => problem === undefined);
  if (readable && copy === document) {
    return from > 0 || to < pasted.length ? "same-with-more" : "same";
  }
  if (readable && compare(encode(document), encode(copy)) === "typography-only") {
    return "typography-only";
  }
  const has = (/** @type {Op["kind"]} */ kind) => ops.some((op) => op.kind === kind);
  if (has("changed") || has("typography")) {
    return "changed";
  }
  return has("inserted") ? "inserted" : has("missing") ? "missing" : "changed";
}

/** Characters in a row that two versions of a line have in common; how many such rows must be there; where looking ends. */
const [SHINGLE, MIN_SHINGLES, MAX_SHINGLES] = [8, 6, 200_000];

/**
 * Lines outside the article that are another version of one of its lines: two versions in one copy are worth a warning. What
 * repeats a part of a line, as a teaser does, is none.
 *
 * @param {string[]} logged
 * @param {PastedLine[]} pasted
 * @param {number} from
 * @param {number} to
 */
function echoesOf(logged, pasted, from, to) {
  const dense = (/** @type {string} */ line) => line.replace(/[ \t]|\.\.\.$|…$/g, "");
  const whole = logged.map(dense).join("\n");
  /** @type {Set<string>} */
  const known = new Set();
  for (let at = 0; at + SHINGLE <= whole.length && at < MAX_SHINGLES; at += 1) {
    known.add(whole.slice(at, at + SHINGLE));
  }
  /** @type {number[]} */
  const echoes = [];
  for (const [at, { text }] of pasted.entries()) {
    const line = at < from || at >= to ? dense(text).slice(0, 2000) : "";
    const rows = Math.floor(line.length / SHINGLE);
    if (rows >= MIN_SHINGLES && !whole.includes(line)) {
      const parts = Array.from({ length: rows }, (_, row) => line.slice(row * SHINGLE, (row + 1) * SHINGLE));
      if (2 * parts.filter((part) => known.has(part)).length >= rows) {
        echoes.push(at);
      }
    }
  }
  return echoes;
}
