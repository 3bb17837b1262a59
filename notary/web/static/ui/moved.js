// Whether a copy that is not the recorded text has all its words all the same. For what is said of it; no part of a verdict.

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
  const both = ops.map(({ a, aEnd, b, bEnd }) => [dense(logged.slice(a, aEnd)), dense(pasted.slice(b, bEnd))]);
  // What differs in white space alone stands where it stood: a table that is there for its looks leaves tabs.
  const differing = both.filter(([recorded, theirs]) => recorded !== theirs);
  return both.length > 0 && differing.map(([recorded]) => recorded).join("") === differing.map(([, theirs]) => theirs).join("");
}

/** @param {string[]} lines */
const dense = (lines) => lines.join("").replace(/[ \t]/g, "");
