// Whether a copy that is not the recorded text has all its words all the same. For what is said of it; no part of a verdict.

import { tokensOf } from "../verify/tokens.js";

/** @typedef {import("../verify/find.js").Finding} Finding */

/**
 * Whether all that differs is where lines stand and how they are divided: a page shows its date and its source in one line, and
 * a line above the headline that the record has below it.
 *
 * @param {Finding} finding
 * @param {string[]} logged
 * @param {string[]} pasted
 */
export function isMoved({ ops }, logged, pasted) {
  const both = ops.map(({ a, aEnd, b, bEnd }) => [words(logged.slice(a, aEnd)), words(pasted.slice(b, bEnd))]);
  // What differs in white space alone stands where it stood: a table that is there for its looks leaves tabs.
  const differing = both.filter(([recorded, theirs]) => !isEqual(recorded, theirs));
  return both.length > 0 && isEqual(differing.flatMap(([recorded]) => recorded), differing.flatMap(([, theirs]) => theirs));
}

/**
 * The words in their order, whatever stands between them. A space in a word makes it two others: that is an alteration.
 *
 * @param {string[]} lines
 */
const words = (lines) => tokensOf(lines.join("\n")).filter((token) => !/^[ \t\n]+$/.test(token));

/**
 * @param {string[]} one
 * @param {string[]} other
 */
const isEqual = (one, other) => one.length === other.length && one.every((word, at) => word === other[at]);
