// Which code points a text may have, and where (steps 2 to 5 of docs/spec/text-1.md).

import { InvalidText } from "./errors.js";
import { isAssigned, isMark } from "./unicode_table.js";

const MARKS_IN_A_ROW = 30;

/** First and last code points by turns. */
const FORBIDDEN = [
  [0x0, 0x8, 0xe, 0x1f, 0x7f, 0x84, 0x86, 0x9f], // controls
  [0xd800, 0xdfff, 0xe000, 0xf8ff, 0xf0000, 0xffffd, 0x100000, 0x10fffd], // surrogates, private use
  [0xfdd0, 0xfdef], // noncharacters, with the last two of each plane
  [0x202a, 0x202e, 0x2061, 0x2064, 0x206a, 0x206f], // embeddings, invisible operators, deprecated format characters
  [0x115f, 0x1160, 0x3164, 0x3164, 0xffa0, 0xffa0, 0x17b4, 0x17b5, 0x34f, 0x34f], // fillers, the grapheme joiner
  [0xfff9, 0xfffd], // interlinear annotation, object replacement, replacement character
  [0x1bca0, 0x1bca3, 0x1d173, 0x1d17a, 0xe0001, 0xe0001], // shorthand, music, the language tag
].flat();

const DELETED = [0xad, 0xad, 0x200b, 0x200b, 0x2060, 0x2060, 0xfeff, 0xfeff];
const KEPT = [0x200c, 0x200f, 0x61c, 0x61c, 0x2066, 0x2069, 0x180b, 0x180f, 0xfe00, 0xfe0f, 0xe0100, 0xe01ef];
const WHITE = [0x9, 0xd, 0x20, 0x20, 0x85, 0x85, 0xa0, 0xa0, 0x1680, 0x1680, 0x2000, 0x200a, 0x2028, 0x2029]
  .concat([0x202f, 0x202f, 0x205f, 0x205f, 0x3000, 0x3000]);
const LINE_ENDS = [0xa, 0xd, 0x85, 0x85, 0x2028, 0x2029];
const MONGOLIAN_LETTERS = [0x1820, 0x1878, 0x1880, 0x1884, 0x1887, 0x18a8, 0x18aa, 0x18aa];

/** The flags of England, Scotland and Wales. */
const FLAGS = ["gbeng", "gbsct", "gbwls"].map((name) => [
  0x1f3f4,
  ...[...name].map((letter) => 0xe0000 + letter.charCodeAt(0)),
  0xe007f,
]);

/**
 * @param {number[]} ranges first and last code points by turns
 * @param {number} point
 */
export function inRanges(ranges, point) {
  for (let at = 0; at < ranges.length; at += 2) {
    if (point >= ranges[at] && point <= ranges[at + 1]) {
      return true;
    }
  }
  return false;
}

const classes = new Uint8Array(0x110000);
const [DELETED_CLASS, KEPT_CLASS, WHITE_CLASS, LINE_END_CLASS, FORBIDDEN_CLASS] = [1, 2, 4, 8, 16];
mark(DELETED, DELETED_CLASS);
mark(KEPT, KEPT_CLASS);
mark(WHITE, WHITE_CLASS);
mark(LINE_ENDS, LINE_END_CLASS);
mark(FORBIDDEN, FORBIDDEN_CLASS);
for (let plane = 0; plane < 0x110000; plane += 0x10000) {
  mark([plane + 0xfffe, plane + 0xffff], FORBIDDEN_CLASS);
}

/**
 * @param {number[]} ranges
 * @param {number} bit
 */
function mark(ranges, bit) {
  for (let at = 0; at < ranges.length; at += 2) {
    for (let point = ranges[at]; point <= ranges[at + 1]; point += 1) {
      classes[point] |= bit;
    }
  }
}

/**
 * Whether step 3 deletes it.
 *
 * @param {number} point
 */
export const isDeleted = (point) => (classes[point] & DELETED_CLASS) !== 0;

/**
 * Whether it is invisible, but kept and reported.
 *
 * @param {number} point
 */
export const isKept = (point) => (classes[point] & KEPT_CLASS) !== 0;

/**
 * Whether it is white space.
 *
 * @param {number} point
 */
export const isWhite = (point) => (classes[point] & WHITE_CLASS) !== 0;

/**
 * Whether it ends a line of a plain text.
 *
 * @param {number} point
 */
export const isLineEnd = (point) => (classes[point] & LINE_END_CLASS) !== 0;

/**
 * The code point as people write it: U+202E.
 *
 * @param {number} point
 */
export const nameOf = (point) => `U+${point.toString(16).toUpperCase().padStart(4, "0")}`;

/**
 * Step 2: refuses code points that no text may have.
 *
 * @param {Uint32Array} points
 */
export function checkCodePoints(points) {
  for (let at = 0; at < points.length; at += 1) {
    const point = points[at];
    if (classes[point] & FORBIDDEN_CLASS) {
      throw forbidden(point, at);
    }
    if (!isAssigned(point)) {
      const message = `${nameOf(point)} is not a character of the Unicode version that text/1 is bound to. Remove it.`;
      throw new InvalidText(message, "unassigned-code-point", at);
    }
  }
}

/**
 * @typedef {object} Notice something that a publisher should know about
 * @property {"deleted-invisible" | "kept-invisible"} code
 * @property {number} codepoint
 * @property {number} count
 */

/**
 * The invisible code points, what was done with them, and how many there were; in ascending order of code points.
 *
 * @param {Uint32Array} points
 * @returns {Notice[]}
 */
export function noticesOf(points) {
  /** @type {Map<number, number>} */
  const counts = new Map();
  for (const point of points) {
    if (classes[point] & (DELETED_CLASS | KEPT_CLASS)) {
      counts.set(point, (counts.get(point) ?? 0) + 1);
    }
  }
  const sorted = [...counts].sort(([one], [other]) => one - other);
  return sorted.map(([codepoint, count]) => ({
    code: isDeleted(codepoint) ? "deleted-invisible" : "kept-invisible",
    codepoint,
    count,
  }));
}

/**
 * Step 4: refuses tag characters and Mongolian format characters where they do not belong.
 *
 * @param {Uint32Array} points without what step 3 deletes
 * @param {(at: number) => number} position where in the input the character at an index was
 */
export function checkSequences(points, position) {
  for (let at = 0; at < points.length; at += 1) {
    const point = points[at];
    if (point === 0x1f3f4) {
      const flag = FLAGS.find((sequence) => sequence.every((part, offset) => points[at + offset] === part));
      at += flag ? flag.length - 1 : 0;
    } else if (point >= 0xe0020 && point <= 0xe007f) {
      throw forbidden(point, position(at));
    }
  }
  for (let at = 0; at < points.length; at += 1) {
    const point = points[at];
    if (point >= 0x180b && point <= 0x180f) {
      const before = at > 0 ? points[at - 1] : 0;
      const selected = point === 0x180e && before >= 0x180b && before <= 0x180f && before !== 0x180e;
      if (!inRanges(MONGOLIAN_LETTERS, before) && !selected) {
        throw forbidden(point, position(at));
      }
    }
  }
}

/**
 * Step 5: refuses more than 30 marks in a row.
 *
 * @param {Uint32Array} points without what step 3 deletes
 * @param {(at: number) => number} position
 */
export function checkMarksInARow(points, position) {
  let count = 0;
  for (let at = 0; at < points.length; at += 1) {
    const point = points[at];
    const marks = marksIn(point);
    count = isMark(point) ? count + marks : marks;
    if (count > MARKS_IN_A_ROW) {
      const message = `More than ${MARKS_IN_A_ROW} combining marks in a row. Remove them.`;
      throw new InvalidText(message, "too-many-marks", position(at));
    }
  }
}

/** @type {Map<number, number>} */
const marksByPoint = new Map();

/**
 * How many marks the canonical decomposition has.
 *
 * @param {number} point
 */
function marksIn(point) {
  // No ideograph of the main block, no syllable of Hangul and nothing in ASCII decomposes to marks.
  if (point < 0xc0 || (point >= 0x3400 && point <= 0x9fff) || (point >= 0xac00 && point <= 0xd7a3)) {
    return 0;
  }
  let count = marksByPoint.get(point);
  if (count === undefined) {
    const parts = [...String.fromCodePoint(point).normalize("NFD")];
    count = parts.filter((part) => isMark(/** @type {number} */ (part.codePointAt(0)))).length;
    marksByPoint.set(point, count);
  }
  return count;
}

/**
 * @param {number} point
 * @param {number} position
 */
function forbidden(point, position) {
  const message = `${nameOf(point)} is not allowed here: it cannot be seen, or changes how a text is read. Remove it.`;
  return new InvalidText(message, "forbidden-code-point", position);
}
