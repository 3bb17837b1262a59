// Longest common subsequences, exact while they are cheap: what two rows of lines or words have in common.

/** A table of this many cells takes some ten milliseconds. */
const MAX_CELLS = 4_000_000;

/**
 * @typedef {object} Alignment
 * @property {[number, number][]} pairs places of the same in both, in order
 * @property {boolean} coarse whether more may be the same
 */

/**
 * @param {string[]} a
 * @param {string[]} b
 * @returns {Alignment}
 */
export function align(a, b) {
  /** @type {Alignment} */
  const found = { pairs: [], coarse: false };
  between(a, b, [0, a.length], [0, b.length], found);
  return found;
}

/**
 * Adds what is the same within two ranges.
 *
 * @param {string[]} a
 * @param {string[]} b
 * @param {[number, number]} rangeA
 * @param {[number, number]} rangeB
 * @param {Alignment} found
 */
function between(a, b, [startA, endA], [startB, endB], found) {
  while (startA < endA && startB < endB && a[startA] === b[startB]) {
    found.pairs.push([startA, startB]);
    startA += 1;
    startB += 1;
  }
  let same = 0;
  while (startA < endA - same && startB < endB - same && a[endA - same - 1] === b[endB - same - 1]) {
    same += 1;
  }
  middle(a, b, [startA, endA - same], [startB, endB - same], found);
  for (let at = same; at > 0; at -= 1) {
    found.pairs.push([endA - at, endB - at]);
  }
}

/**
 * @param {string[]} a
 * @param {string[]} b
 * @param {[number, number]} rangeA
 * @param {[number, number]} rangeB
 * @param {Alignment} found
 */
function middle(a, b, rangeA, rangeB, found) {
  const [startA, endA] = rangeA;
  const [startB, endB] = rangeB;
  if (startA === endA || startB === endB) {
    return;
  }
  if ((endA - startA) * (endB - startB) <= MAX_CELLS) {
    exactly(a, b, rangeA, rangeB, found);
    return;
  }
  const anchors = anchorsOf(a, b, rangeA, rangeB);
  found.coarse ||= anchors.length === 0;
  let [fromA, fromB] = [startA, startB];
  for (const [atA, atB] of anchors) {
    // Further ranges end at an anchor, so they are smaller than this one.
    between(a, b, [fromA, atA], [fromB, atB], found);
    found.pairs.push([atA, atB]);
    [fromA, fromB] = [atA + 1, atB + 1];
  }
  if (anchors.length > 0) {
    between(a, b, [fromA, endA], [fromB, endB], found);
  }
}

/**
 * @param {string[]} a
 * @param {string[]} b
 * @param {[number, number]} rangeA
 * @param {[number, number]} rangeB
 * @param {Alignment} found
 */
function exactly(a, b, [startA, endA], [startB, endB], found) {
  const width = endB - startB + 1;
  const height = endA - startA + 1;
  const lengths = new Uint32Array(width * height);
  for (let row = height - 2; row >= 0; row -= 1) {
    for (let column = width - 2; column >= 0; column -= 1) {
      const at = row * width + column;
      lengths[at] =
        a[startA + row] === b[startB + column]
          ? lengths[at + width + 1] + 1
          : Math.max(lengths[at + width], lengths[at + 1]);
    }
  }
  for (let row = 0, column = 0; row < height - 1 && column < width - 1; ) {
    const at = row * width + column;
    if (a[startA + row] === b[startB + column]) {
      found.pairs.push([startA + row, startB + column]);
      row += 1;
      column += 1;
    } else if (lengths[at + width] >= lengths[at + 1]) {
      row += 1;
    } else {
      column += 1;
    }
  }
}

/**
 * What occurs once in each range, as far as it stands in the same order in both.
 *
 * @param {string[]} a
 * @param {string[]} b
 * @param {[number, number]} rangeA
 * @param {[number, number]} rangeB
 * @returns {[number, number][]}
 */
function anchorsOf(a, b, rangeA, rangeB) {
  const inB = singles(b, rangeB);
  /** @type {[number, number][]} */
  const candidates = [];
  for (const [token, atA] of singles(a, rangeA)) {
    const atB = inB.get(token);
    if (atB !== undefined) {
      candidates.push([atA, atB]);
    }
  }
  return increasing(candidates.sort(([one], [other]) => one - other));
}

/**
 * @param {string[]} tokens
 * @param {[number, number]} range
 */
function singles(tokens, [start, end]) {
  /** @type {Map<string, number>} */
  const places = new Map();
  /** @type {Set<string>} */
  const often = new Set();
  for (let at = start; at < end; at += 1) {
    if (places.has(tokens[at])) {
      often.add(tokens[at]);
    }
    places.set(tokens[at], at);
  }
  for (const token of often) {
    places.delete(token);
  }
  return places;
}

/**
 * A longest row of pairs, ordered by their first place, whose second places grow too.
 *
 * @param {[number, number][]} pairs
 */
function increasing(pairs) {
  /** @type {number[]} the pair that ends the best row of each length */
  const ends = [];
  /** @type {number[]} */
  const before = [];
  for (const [index, [, place]] of pairs.entries()) {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const half = (low + high) >> 1;
      [low, high] = pairs[ends[half]][1] < place ? [half + 1, high] : [low, half];
    }
    before[index] = low > 0 ? ends[low - 1] : -1;
    ends[low] = index;
  }
  const row = [];
  for (let at = ends.at(-1) ?? -1; at >= 0; at = before[at]) {
    row.push(pairs[at]);
  }
  return row.reverse();
}
