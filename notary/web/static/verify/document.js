// From characters to a canonical document: lines, cells, what they must be like, and how they are written
// (steps 2 to 10 of docs/spec/text-1.md, which pages share with plain text).

import {
  checkCodePoints,
  checkMarksInARow,
  checkSequences,
  isDeleted,
  isKept,
  isWhite,
  nameOf,
  noticesOf,
} from "./codepoints.js";
import { InvalidText } from "./errors.js";
import { runsOf, writeCell } from "./markup.js";

import { isMark } from "./unicode_table.js";

export const MAX_BYTES = 2 * 1024 * 1024;

const [TAB, LF, SPACE] = [0x9, 0xa, 0x20];

/**
 * @typedef {object} CanonicalText
 * @property {Uint8Array} data the document
 * @property {string} text the same as a string
 * @property {string[]} lines
 * @property {import("./codepoints.js").Notice[]} notices
 */

/**
 * @typedef {object} Place a stretch of characters
 * @property {number} start
 * @property {number} end
 */

/**
 * @typedef {object} Layout the characters that will be in the document, white space settled
 * @property {Uint32Array} points
 * @property {Uint8Array} tags
 * @property {(at: number) => number} position where in the input a character was
 * @property {Place[]} title the cell of the title, if it has one
 * @property {Place[][]} body the cells of each line
 */

/**
 * Turns a sequence into a document. In it, all white space of `tidy` is LF (ends a line), tab (ends a cell) and space.
 *
 * @param {import("./sequence.js").Sequence} sequence as it came: positions are its indices
 * @param {(kept: Kept) => Kept} tidy what remains to be done with white space once step 5 is passed
 * @param {object} options
 * @param {boolean} options.titled whether the first line is a title
 * @param {boolean} options.page whether it comes of a page: where that differs
 * @param {number} [options.maxBytes]
 * @returns {CanonicalText}
 */
export function makeDocument(sequence, tidy, { titled, page, maxBytes = MAX_BYTES }) {
  const points = sequence.points.subarray(0, sequence.length);
  if (page && !mayFit(points, maxBytes)) {
    throw tooLarge(maxBytes);
  }
  checkCodePoints(points);
  const kept = withoutDeleted(points, sequence.tags);
  const position = (/** @type {number} */ at) => kept.origin[at];
  checkSequences(kept.points, position);
  checkMarksInARow(kept.points, position);
  const layout = layOut(tidy(kept), titled);
  for (const cell of [layout.title, ...layout.body].flat()) {
    checkCell(layout.points.subarray(cell.start, cell.end), layout.tags.subarray(cell.start, cell.end), (at) =>
      layout.position(cell.start + at),
    );
  }
  checkShown(layout, titled, page);
  const document = write(layout, titled, noticesOf(points));
  if (document.data.length > maxBytes) {
    throw tooLarge(maxBytes);
  }
  return document;
}

/**
 * Whether a document within the limit can come of it: a line takes two bytes at least, but for the last, and normal form C
 * makes at most three characters two bytes.
 *
 * @param {Uint32Array} points
 * @param {number} maxBytes
 */
function mayFit(points, maxBytes) {
  const limit = Math.floor(maxBytes / 2);
  let [characters, lines] = [0, 0];
  let filled = false;
  for (const point of points) {
    if (!isWhite(point) && !isDeleted(point)) {
      characters += 1;
      lines += filled ? 0 : 1;
      filled = true;
    } else if (point === LF) {
      filled = false;
    }
  }
  return characters <= 3 * limit && lines <= limit;
}

/**
 * @typedef {object} Kept characters of the input that are looked at
 * @property {Uint32Array} points
 * @property {Uint8Array} tags
 * @property {Uint32Array} origin the index in the input of each
 */

/**
 * Step 3.
 *
 * @param {Uint32Array} points
 * @param {Uint8Array} tags
 * @returns {Kept}
 */
function withoutDeleted(points, tags) {
  const kept = { points: new Uint32Array(points.length), tags: new Uint8Array(points.length), length: 0 };
  const origin = new Uint32Array(points.length);
  for (let at = 0; at < points.length; at += 1) {
    if (!isDeleted(points[at])) {
      kept.points[kept.length] = points[at];
      kept.tags[kept.length] = tags[at];
      origin[kept.length] = at;
      kept.length += 1;
    }
  }
  const { length } = kept;
  return {
    points: kept.points.subarray(0, length),
    tags: kept.tags.subarray(0, length),
    origin: origin.subarray(0, length),
  };
}

/**
 * Step 6, from white space that is LF, tab and space only.
 *
 * @param {Kept} kept
 * @param {boolean} titled
 * @returns {Layout}
 */
function layOut({ points, tags, origin }, titled) {
  const laid = { points: new Uint32Array(points.length), tags: new Uint8Array(points.length), length: 0 };
  const from = new Uint32Array(points.length);
  /** @type {Place[][]} */
  const lines = [];
  /** @type {Place[]} */
  let cells = [];
  let start = 0;
  for (let at = 0; at <= points.length; at += 1) {
    const point = at < points.length ? points[at] : LF;
    if (point === LF || point === TAB) {
      // A space that was written before it was known to be the last.
      if (laid.length > start && laid.points[laid.length - 1] === SPACE) {
        laid.length -= 1;
      }
      cells.push({ start, end: laid.length });
      start = laid.length;
      if (point === LF) {
        lines.push(cells);
        cells = [];
      }
    } else if (point !== SPACE || (laid.length > start && laid.points[laid.length - 1] !== SPACE)) {
      laid.points[laid.length] = point;
      laid.tags[laid.length] = tags[at];
      from[laid.length] = origin[at];
      laid.length += 1;
    }
  }
  const title = titled ? (lines.shift() ?? []) : [];
  const settled = { points: laid.points.subarray(0, laid.length), tags: laid.tags.subarray(0, laid.length) };
  tagSpaces(settled.points, settled.tags);
  const body = lines.filter((line) => line.some((cell) => cell.end > cell.start));
  return { ...settled, position: (at) => from[at], title, body };
}

/**
 * A space carries the tags that its neighbours have in common. (In a cell it always has two.)
 *
 * @param {Uint32Array} points
 * @param {Uint8Array} tags
 */
export function tagSpaces(points, tags) {
  for (let at = 1; at + 1 < points.length; at += 1) {
    if (points[at] === SPACE) {
      tags[at] = tags[at - 1] & tags[at + 1];
    }
  }
}

/**
 * Step 7, and what a page adds to it: a mark has the tags of its base.
 *
 * @param {Uint32Array} points one cell
 * @param {Uint8Array} tags
 * @param {(at: number) => number} position
 */
export function checkCell(points, tags, position) {
  if (points.length > 0 && isMark(points[0])) {
    throw leadingMark(points[0], position(0));
  }
  checkIsolates(points, position);
  for (let at = 1; at < points.length; at += 1) {
    if (tags[at] !== tags[at - 1] && isMark(points[at])) {
      throw leadingMark(points[at], position(at));
    }
  }
}

/**
 * @param {Uint32Array} points
 * @param {(at: number) => number} position
 */
function checkIsolates(points, position) {
  /** @type {number[]} */
  const open = [];
  for (let at = 0; at < points.length; at += 1) {
    const point = points[at];
    if (point >= 0x2066 && point <= 0x2068) {
      open.push(at);
    } else if (point === 0x2069 && open.pop() === undefined) {
      throw unbalanced(position(at));
    }
  }
  if (open.length > 0) {
    throw unbalanced(position(open[0]));
  }
}

/**
 * Step 8.
 *
 * @param {Layout} layout
 * @param {boolean} titled
 * @param {boolean} page
 */
function checkShown({ points, title, body }, titled, page) {
  const noTitle = title.every((cell) => cell.start === cell.end);
  if (noTitle && body.length === 0) {
    throw new InvalidText("There is no text.", "empty-text");
  }
  if (body.length === 0 && !page) {
    throw emptyBody();
  }
  if (titled && !title.some((cell) => showsSomething(points.subarray(cell.start, cell.end)))) {
    throw emptyTitle();
  }
  if (!body.some((line) => line.some((cell) => showsSomething(points.subarray(cell.start, cell.end))))) {
    throw emptyBody();
  }
}

/**
 * Whether there is more than spaces, tabs, LFs and invisible characters.
 *
 * @param {Uint32Array} points
 */
export function showsSomething(points) {
  return points.some((point) => point !== SPACE && point !== TAB && point !== LF && !isKept(point));
}

/**
 * Steps 9 and 10.
 *
 * @param {Layout} layout
 * @param {boolean} titled
 * @param {import("./codepoints.js").Notice[]} notices
 * @returns {CanonicalText}
 */
function write(layout, titled, notices) {
  const all = titled ? [layout.title, ...layout.body] : layout.body;
  const lines = all.map((cells) => cells.map((cell) => writeNormal(layout, cell)).join("\t"));
  if (titled) {
    lines.splice(1, 0, "");
  }
  const text = lines.join("\n");
  return { data: new TextEncoder().encode(text), text, lines, notices };
}

/**
 * A cell in normal form C, tags staying with their characters.
 *
 * @param {Layout} layout
 * @param {Place} cell
 */
function writeNormal({ points, tags, position }, { start, end }) {
  const runs = runsOf(points, tags, start, end).map((run) => ({ text: run.text.normalize("NFC"), tags: run.tags }));
  const whole = runs.length > 1 ? runs.map((run) => run.text).join("") : "";
  if (whole !== whole.normalize("NFC")) {
    throw leadingMark(points[start], position(start));
  }
  return writeCell(runs);
}

export const tooLarge = (limit = MAX_BYTES) => new InvalidText(`The text has more than ${limit} bytes.`, "text-too-large");
export const emptyTitle = () => new InvalidText("The title shows nothing.", "empty-title");
export const emptyBody = () => new InvalidText("There is no text after the title, or none that shows.", "empty-body");

/**
 * @param {number} point
 * @param {number} position
 */
function leadingMark(point, position) {
  const message = `${nameOf(point)} combines with what it cannot be combined with: a line, a cell or a tag begins there.`;
  return new InvalidText(message, "leading-mark", position);
}

/** @param {number} position */
function unbalanced(position) {
  return new InvalidText("An isolate (U+2066 to U+2069) has no partner in its cell.", "unbalanced-isolate", position);
}

