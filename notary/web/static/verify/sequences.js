// What two sequences have in common, in order: exactly where that is cheap, else held together by what occurs once in each.
// For showing, never for a verdict: what cannot be aligned within the budget counts as different.

/** @typedef {[number, number]} Pair offsets in both */

/** Comparisons of one item with another that a whole alignment may cost. */
export const BUDGET = 20_000_000;

/** One alignment after another within one budget. */
export class Aligner {
  constructor(budget = BUDGET) {
    this.left = budget;
    this.coarse = false;
  }

  /**
   * @param {ArrayLike<number | string>} a
   * @param {ArrayLike<number | string>} b
   * @returns {Pair[]} ascending in both
   */
  align(a, b) {
    /** @type {Pair[]} */
    const pairs = [];
    // Without recursion: texts by chance can nest the gaps deep.
    /** @type {{ from: number, to: number, other: number, behind: number, pair?: Pair }[]} */
    const open = [{ from: 0, to: a.length, other: 0, behind: b.length }];
    for (let gap = open.pop(); gap !== undefined; gap = open.pop()) {
      if (gap.pair !== undefined) {
        pairs.push(gap.pair);
        continue;
      }
      let { from, to, other, behind } = gap;
      while (from < to && other < behind && a[from] === b[other]) {
        pairs.push([from, other]);
        [from, other] = [from + 1, other + 1];
      }
      /** @type {Pair[]} */
      const ends = [];
      while (from < to && other < behind && a[to - 1] === b[behind - 1]) {
        [to, behind] = [to - 1, behind - 1];
        ends.push([to, behind]);
      }
      for (const pair of ends) {
        open.push({ from: 0, to: 0, other: 0, behind: 0, pair });
      }
      if (from < to && other < behind) {
        this.#inner(a, b, { from, to, other, behind }, open);
      }
    }
    return pairs.sort(([one], [next]) => one - next);
  }

  /**
   * @param {ArrayLike<number | string>} a
   * @param {ArrayLike<number | string>} b
   * @param {{ from: number, to: number, other: number, behind: number }} gap
   * @param {{ from: number, to: number, other: number, behind: number, pair?: Pair }[]} open
   */
  #inner(a, b, gap, open) {
    const { from, to, other, behind } = gap;
    const cells = (to - from) * (behind - other);
    const small = cells <= 4_000_000 && cells <= this.left;
    const anchors = small ? [] : anchorsOf(a, b, gap);
    if (small) {
      this.left -= cells;
      for (const pair of exactly(a, b, gap)) {
        open.push({ from: 0, to: 0, other: 0, behind: 0, pair });
      }
    } else if (anchors.length === 0) {
      this.coarse = true;
    } else {
      let [i, j] = [from, other];
      for (const [x, y] of [...anchors, /** @type {Pair} */ ([to, behind])]) {
        open.push({ from: i, to: x, other: j, behind: y });
        if (x < to) {
          open.push({ from: 0, to: 0, other: 0, behind: 0, pair: [x, y] });
        }
        [i, j] = [x + 1, y + 1];
      }
    }
  }
}

/**
 * A longest common subsequence, by the table of their lengths.
 *
 * @param {ArrayLike<number | string>} a
 * @param {ArrayLike<number | string>} b
 * @param {{ from: number, to: number, other: number, behind: number }} gap
 */
function exactly(a, b, { from, to, other, behind }) {
  const [rows, columns] = [to - from, behind - other];
  const width = columns + 1;
  const table = new Uint32Array((rows + 1) * width);
  for (let i = rows - 1; i >= 0; i -= 1) {
    for (let j = columns - 1; j >= 0; j -= 1) {
      table[i * width + j] =
        a[from + i] === b[other + j]
          ? table[(i + 1) * width + j + 1] + 1
          : Math.max(table[(i + 1) * width + j], table[i * width + j + 1]);
    }
  }
  /** @type {Pair[]} */
  const pairs = [];
  for (let [i, j] = [0, 0]; i < rows && j < columns; ) {
    if (a[from + i] === b[other + j]) {
      pairs.push([from + i, other + j]);
      [i, j] = [i + 1, j + 1];
    } else if (table[(i + 1) * width + j] >= table[i * width + j + 1]) {
      i += 1;
    } else {
      j += 1;
    }
  }
  return pairs;
}

/**
 * What occurs once in each, as many as keep their order.
 *
 * @param {ArrayLike<number | string>} a
 * @param {ArrayLike<number | string>} b
 * @param {{ from: number, to: number, other: number, behind: number }} gap
 * @returns {Pair[]}
 */
function anchorsOf(a, b, { from, to, other, behind }) {
  const [ours, theirs] = [once(a, from, to), once(b, other, behind)];
  /** @type {Pair[]} */
  const points = [];
  for (const [item, at] of ours) {
    const there = theirs.get(item);
    if (at >= 0 && there !== undefined && there >= 0) {
      points.push([at, there]);
    }
  }
  return rising(points);
}

/**
 * Where each item stands; -1 where it stands more than once.
 *
 * @param {ArrayLike<number | string>} items
 * @param {number} start
 * @param {number} end
 */
function once(items, start, end) {
  /** @type {Map<number | string, number>} */
  const places = new Map();
  for (let at = start; at < end; at += 1) {
    places.set(items[at], places.has(items[at]) ? -1 : at);
  }
  return places;
}

/**
 * The longest part of pairs that ascends in both; they ascend in the first.
 *
 * @param {Pair[]} points
 * @returns {Pair[]}
 */
function rising(points) {
  /** @type {number[]} the point that ends the best chain of each length */
  const ends = [];
  const before = points.map(() => -1);
  for (const [number, [, there]] of points.entries()) {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (points[ends[middle]][1] < there) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    before[number] = low > 0 ? ends[low - 1] : -1;
    ends[low] = number;
  }
  /** @type {Pair[]} */
  const chain = [];
  for (let at = ends.at(-1) ?? -1; at >= 0; at = before[at]) {
    chain.push(points[at]);
  }
  return chain.reverse();
}
