// Between lines of a logged text that are in a copy as they were logged: what of the rest is a version of what
// (docs/spec/find.md). For showing, never for a verdict.

import { areVersions, segmentsOf, wordsOf } from "./words.js";

/** @typedef {import("./find.js").Op} Op */
/** @typedef {import("./pasted.js").PastedLine} PastedLine */
/** @typedef {import("./sequences.js").Aligner} Aligner */
/** @typedef {(line: string) => string} Fold */

/**
 * @typedef {object} Gap logged lines `a` up to `aEnd` and pasted lines `b` up to `bEnd`
 * @property {number} a
 * @property {number} aEnd
 * @property {number} b
 * @property {number} bEnd
 * @property {"before" | "inside" | "behind" | "alone"} edge whether the article may begin or end in it
 */

/** Pairs of lines whose likeness is measured in one gap. */
const MAX_PAIRS = 20_000;
/** Beyond the ends of an article its lines are looked for as far as this many lines for each that is missing. */
const [REACH, REACH_AT_LEAST] = [3, 20];
/** A line longer than this is not looked into for words. */
const MAX_LINE = 100_000;

/**
 * @param {Gap} gap
 * @param {string[]} logged
 * @param {PastedLine[]} pasted
 * @param {Aligner} aligner
 * @param {Fold} fold
 * @returns {Op[]}
 */
export function gapOps(gap, logged, pasted, aligner, fold) {
  const near = withinReach(gap);
  const pairs = gap.a < gap.aEnd && near.b < near.bEnd ? pairsIn(near, logged, pasted, aligner, fold) : [];
  const ops = withRest(pairs, gap);
  if (gap.edge === "inside") {
    return ops;
  }
  // What is before the first line of the article, or behind its last, is not in it.
  const isPaired = (/** @type {Op} */ { kind }) => kind !== "missing" && kind !== "inserted";
  const paired = ops.flatMap((op, at) => (isPaired(op) ? [at] : []));
  const [first, last] = [paired[0] ?? -1, paired[paired.length - 1] ?? -1];
  return ops.filter(({ kind }, at) => {
    const outside = (gap.edge !== "behind" && (at < first || first < 0)) || (gap.edge !== "before" && at > last);
    return kind !== "inserted" || !outside;
  });
}

/**
 * @param {Gap} gap
 * @returns {Gap}
 */
function withinReach(gap) {
  const reach = REACH_AT_LEAST + REACH * (gap.aEnd - gap.a);
  if (gap.edge === "before") {
    return { ...gap, b: Math.max(gap.b, gap.bEnd - reach) };
  }
  return gap.edge === "behind" ? { ...gap, bEnd: Math.min(gap.bEnd, gap.b + reach) } : gap;
}

/**
 * Missing and inserted lines for what is in no pair.
 *
 * @param {Op[]} pairs
 * @param {Gap} gap
 * @returns {Op[]}
 */
function withRest(pairs, gap) {
  /** @type {Op[]} */
  const ops = [];
  let [i, j] = [gap.a, gap.b];
  for (const next of [...pairs, { a: gap.aEnd, aEnd: gap.aEnd, b: gap.bEnd, bEnd: gap.bEnd }]) {
    if (i < next.a) {
      ops.push({ kind: "missing", a: i, aEnd: next.a, b: j, bEnd: j });
    }
    if (j < next.b) {
      ops.push({ kind: "inserted", a: next.a, aEnd: next.a, b: j, bEnd: next.b });
    }
    if ("kind" in next) {
      ops.push(next);
    }
    [i, j] = [next.aEnd, next.bEnd];
  }
  return ops;
}

/**
 * First what differs in typography only, also where lines are broken elsewhere; then what has words in common.
 *
 * @param {Gap} gap
 * @param {string[]} logged
 * @param {PastedLine[]} pasted
 * @param {Aligner} aligner
 * @param {Fold} fold
 * @returns {Op[]}
 */
function pairsIn(gap, logged, pasted, aligner, fold) {
  const ours = logged.slice(gap.a, gap.aEnd).map(fold);
  const theirs = pasted.slice(gap.b, gap.bEnd).map(({ text, problem }) => (problem === undefined ? fold(text) : undefined));
  const own = theirs.map((folded, at) => folded ?? `\0${at}`);
  /** @type {Op[]} */
  const found = aligner.align(ours, own).map(([x, y]) => {
    const [i, j] = [gap.a + x, gap.b + y];
    return opOf("typography", [i, i + 1, j, j + 1], logged, pasted, aligner);
  });
  return between(found, gap, (inner) => {
    const broken = brokenElsewhere(inner, gap, ours, theirs).map((place) => opOf("typography", place, logged, pasted, aligner));
    return between(broken, inner, (rest) => versionsIn(rest, logged, pasted, aligner));
  });
}

/**
 * The pairs given, and what is found in the gaps between them.
 *
 * @param {Op[]} pairs
 * @param {Gap} gap
 * @param {(gap: Gap) => Op[]} look
 */
function between(pairs, gap, look) {
  /** @type {Op[]} */
  const all = [];
  let [a, b] = [gap.a, gap.b];
  for (const next of [...pairs, { a: gap.aEnd, aEnd: 0, b: gap.bEnd, bEnd: 0 }]) {
    if (a < next.a && b < next.b) {
      all.push(...look({ ...gap, a, aEnd: next.a, b, bEnd: next.b }));
    }
    if ("kind" in next) {
      all.push(next);
    }
    [a, b] = [next.aEnd, next.bEnd];
  }
  return all;
}

/** @typedef {[number, number, number, number]} Place lines `a` up to `aEnd`, and `b` up to `bEnd` */

/**
 * Logged lines that are two or more pasted ones, or the other way round.
 *
 * @param {Gap} inner
 * @param {Gap} gap
 * @param {string[]} ours
 * @param {(string | undefined)[]} theirs
 * @returns {Place[]}
 */
function brokenElsewhere(inner, gap, ours, theirs) {
  /** @type {Place[]} */
  const places = [];
  let work = 0;
  let [a, b] = [inner.a, inner.b];
  while (a < inner.aEnd && work < MAX_PAIRS) {
    let next;
    for (let at = b; at < inner.bEnd && next === undefined && work < MAX_PAIRS; at += 1) {
      work += 1;
      next = rowsFrom(a, at, inner, gap, ours, theirs);
    }
    if (next !== undefined) {
      places.push(next);
      [a, b] = [next[1], next[3]];
    } else {
      a += 1;
    }
  }
  return places;
}

/**
 * The lines from `a` and from `b` on that together are the same characters; undefined where there are none.
 *
 * @param {number} a
 * @param {number} b
 * @param {Gap} inner
 * @param {Gap} gap
 * @param {string[]} ours
 * @param {(string | undefined)[]} theirs
 * @returns {Place | undefined}
 */
function rowsFrom(a, b, inner, gap, ours, theirs) {
  let [i, j, left, right] = [a, b, "", ""];
  for (;;) {
    if (left !== "" && left === right) {
      return [a, i, b, j];
    }
    if (left.length <= right.length) {
      if (i >= inner.aEnd) {
        return undefined;
      }
      left += ours[i - gap.a];
      i += 1;
    } else {
      const more = j < inner.bEnd ? theirs[j - gap.b] : undefined;
      if (more === undefined) {
        return undefined;
      }
      right += more;
      j += 1;
    }
    if (!left.startsWith(right) && !right.startsWith(left)) {
      return undefined;
    }
  }
}

/**
 * Lines that have enough words in common, in order: the pairs that have the most together.
 *
 * @param {Gap} gap
 * @param {string[]} logged
 * @param {PastedLine[]} pasted
 * @param {Aligner} aligner
 * @returns {Op[]}
 */
function versionsIn(gap, logged, pasted, aligner) {
  const [rows, columns] = [gap.aEnd - gap.a, gap.bEnd - gap.b];
  if (rows * columns > MAX_PAIRS) {
    aligner.coarse = true;
    return [];
  }
  const ours = logged.slice(gap.a, gap.aEnd).map(bagOf);
  const theirs = pasted.slice(gap.b, gap.bEnd).map(({ text }) => bagOf(text));
  const width = columns + 1;
  const best = new Float64Array((rows + 1) * width);
  const gain = new Float64Array(rows * columns);
  for (let x = rows - 1; x >= 0; x -= 1) {
    for (let y = columns - 1; y >= 0; y -= 1) {
      gain[x * columns + y] = gainOf(ours[x], theirs[y], aligner);
      const taken = gain[x * columns + y] > 0 ? gain[x * columns + y] + best[(x + 1) * width + y + 1] : 0;
      best[x * width + y] = Math.max(taken, best[(x + 1) * width + y], best[x * width + y + 1]);
    }
  }
  /** @type {Op[]} */
  const ops = [];
  for (let [x, y] = [0, 0]; x < rows && y < columns; ) {
    const one = gain[x * columns + y];
    if (one > 0 && best[x * width + y] === one + best[(x + 1) * width + y + 1]) {
      ops.push(opOf("changed", [gap.a + x, gap.a + x + 1, gap.b + y, gap.b + y + 1], logged, pasted, aligner));
      [x, y] = [x + 1, y + 1];
    } else if (best[x * width + y] === best[(x + 1) * width + y]) {
      x += 1;
    } else {
      y += 1;
    }
  }
  return ops;
}

/** @typedef {{ words: string[], counts: Map<string, number> }} Bag */

/**
 * @param {string} line
 * @returns {Bag}
 */
function bagOf(line) {
  const { words } = line.length > MAX_LINE ? { words: [] } : wordsOf(line);
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const word of words) {
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return { words, counts };
}

/**
 * What two lines are worth as a pair; 0 where they are no versions of one.
 *
 * @param {Bag} one
 * @param {Bag} other
 * @param {Aligner} aligner
 */
function gainOf(one, other, aligner) {
  const words = one.words.length + other.words.length;
  let most = 0;
  for (const [word, count] of one.counts) {
    most += Math.min(count, other.counts.get(word) ?? 0);
  }
  if (words === 0 || most === 0 || !areVersions(most, words)) {
    return 0;
  }
  const common = aligner.align(one.words, other.words).length;
  return areVersions(common, words) ? (1 + 2 * common * common) / (1 + words) : 0;
}

/**
 * @param {"typography" | "changed"} kind
 * @param {Place} place
 * @param {string[]} logged
 * @param {PastedLine[]} pasted
 * @param {Aligner} aligner
 * @returns {Op}
 */
function opOf(kind, [a, aEnd, b, bEnd], logged, pasted, aligner) {
  const before = logged.slice(a, aEnd).join("\n");
  const after = pasted.slice(b, bEnd).map(({ text }) => text).join("\n");
  const place = { a, aEnd, b, bEnd };
  if (before === after) {
    return { kind: "same", ...place };
  }
  const [old, now] = [wordsOf(before), wordsOf(after)];
  return { kind, ...place, segments: segmentsOf(old, now, aligner.align(old.words, now.words)) };
}
