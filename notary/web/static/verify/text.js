// Canonical text from plain text, and the check of a text that already is canonical (docs/spec/text-1.md).

import { checkCodePoints, checkMarksInARow, checkSequences, isDeleted, isLineEnd, isWhite, nameOf, noticesOf } from "./codepoints.js";
import { checkCell, emptyBody, emptyTitle, makeDocument, MAX_BYTES, showsSomething, tagSpaces, tooLarge } from "./document.js";
import { InvalidText } from "./errors.js";
import { parseCell, runsOf, writeCell } from "./markup.js";
import { decodePlain, decodeUtf8 } from "./plain_decoding.js";
import { toText } from "./sequence.js";

/** @typedef {import("./document.js").CanonicalText} CanonicalText */
/** @typedef {import("./document.js").Kept} Kept */

const [TAB, LF, CR, SPACE] = [0x9, 0xa, 0xd, 0x20];

/**
 * The canonical text of a plain text; its first line that is not empty is the title.
 *
 * @param {Uint8Array} bytes
 * @returns {CanonicalText}
 */
export function canonicalPlain(bytes) {
  if (bytes.length > MAX_BYTES) {
    throw tooLarge();
  }
  return makeDocument(decodePlain(bytes), tidyPlain, { titled: true, page: false });
}

/**
 * Makes of all white space LF, tab and space; the first line is the one that has something, and it has no tab.
 *
 * @param {Kept} kept
 * @returns {Kept}
 */
function tidyPlain({ points, tags, origin }) {
  const tidy = new Uint32Array(points.length);
  const from = new Uint32Array(points.length);
  let length = 0;
  let first = true;
  let begun = false;
  for (let at = 0; at < points.length; at += 1) {
    let point = points[at];
    if (isLineEnd(point)) {
      if (point === CR && points[at + 1] === LF) {
        at += 1;
      }
      first &&= !begun;
      point = LF;
    } else if (isWhite(point)) {
      point = point === TAB && !first ? TAB : SPACE;
    } else {
      begun = true;
    }
    if (begun) {
      tidy[length] = point;
      from[length] = origin[at];
      length += 1;
    }
  }
  return { points: tidy.subarray(0, length), tags: tags.subarray(0, length), origin: from.subarray(0, length) };
}

/**
 * A canonical document, checked and left as it is.
 *
 * @param {Uint8Array} bytes
 * @returns {CanonicalText}
 */
export function canonicalDocument(bytes) {
  if (bytes.length > MAX_BYTES) {
    throw tooLarge();
  }
  if (bytes.length === 0) {
    throw new InvalidText("There is no text.", "empty-text");
  }
  const sequence = decodeUtf8(bytes);
  const points = sequence.points.subarray(0, sequence.length);
  checkCodePoints(points);
  checkWhiteSpace(points);
  const position = (/** @type {number} */ at) => at;
  checkSequences(points, position);
  checkMarksInARow(points, position);
  const lines = linesOf(points);
  const titled = lines.length > 2 && isEmpty(lines[1]);
  /** @type {boolean[]} whether each line shows something */
  const shown = [];
  for (const [index, line] of lines.entries()) {
    if (index !== 1 || !titled) {
      shown.push(checkLine(points, line, index === 0 && isEmpty(lines[1])));
    }
  }
  if (titled && !shown.shift()) {
    throw emptyTitle();
  }
  if (!shown.includes(true)) {
    throw emptyBody();
  }
  const text = toText(points);
  return { data: bytes, text, lines: text.split("\n"), notices: noticesOf(points) };
}

/** @param {Uint32Array} points */
function checkWhiteSpace(points) {
  for (let at = 0; at < points.length; at += 1) {
    const point = points[at];
    if (isDeleted(point) || (isWhite(point) && point !== LF && point !== TAB && point !== SPACE)) {
      throw notCanonical(`${nameOf(point)} has no place in it`, at);
    }
  }
}

/** @param {{ start: number, end: number } | undefined} line */
const isEmpty = (line) => line !== undefined && line.start === line.end;

/** @param {Uint32Array} points */
function linesOf(points) {
  const lines = [];
  for (let start = 0; ; ) {
    const found = points.indexOf(LF, start);
    lines.push({ start, end: found < 0 ? points.length : found });
    if (found < 0) {
      return lines;
    }
    start = found + 1;
  }
}

/**
 * Checks a line; says whether it shows something.
 *
 * @param {Uint32Array} points
 * @param {{ start: number, end: number }} line
 * @param {boolean} isTitle
 */
function checkLine(points, { start, end }, isTitle) {
  const written = points.subarray(start, end);
  if (written.every((point) => point === TAB)) {
    throw notCanonical("a line is empty", start);
  }
  if (isTitle && written.includes(TAB)) {
    throw notCanonical("the title has a tab", start);
  }
  let shows = false;
  for (let from = start; from <= end; ) {
    const tab = points.subarray(0, end).indexOf(TAB, from);
    const to = tab < 0 ? end : tab;
    shows = showsSomething(checkWritten(points, from, to, start)) || shows;
    from = to + 1;
  }
  return shows;
}

/**
 * Checks a cell; gives its characters without tags and escapes.
 *
 * @param {Uint32Array} document
 * @param {number} start
 * @param {number} end
 * @param {number} line where its line begins
 */
function checkWritten(document, start, end, line) {
  const cell = parseCell(document, start, end);
  if (cell === undefined) {
    throw notCanonical("a tag has no partner, or one of & < > is not written as it should be", line);
  }
  const { points, tags, origin } = cell;
  // White space before a mark is no base for it; that it stands there is another fault.
  const first = Math.max(0, points.findIndex((point) => point !== SPACE));
  checkCell(points.subarray(first), tags.subarray(first), (at) => origin[first + at]);
  const proper = tags.slice();
  tagSpaces(points, proper);
  if (writeCell(runsOf(points, proper)) !== toText(document, start, end)) {
    throw notCanonical("a tag is not where it should be", line);
  }
  const text = toText(points);
  if (text.startsWith(" ") || text.endsWith(" ") || text.includes("  ")) {
    throw notCanonical("a space too many", line);
  }
  if (text !== text.normalize("NFC")) {
    throw notCanonical("a line is not in normal form C", line);
  }
  return points;
}

/**
 * @param {string} why
 * @param {number} position
 */
function notCanonical(why, position) {
  return new InvalidText(`This is not a canonical document: ${why}.`, "not-canonical", position);
}
