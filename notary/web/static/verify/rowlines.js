// The cells of a row of a table, which have been walked, as a line or as blocks (docs/spec/html.md, Tables).

import { isDeleted, isWhite } from "./codepoints.js";
import { Sequence } from "./sequence.js";

/**
 * @typedef {object} CellLines
 * @property {number[]} bounds by turns where a line begins and ends
 * @property {boolean} tab whether any of them has a border of cells of its own
 *
 * @typedef {[from: number, end: number, to: number]} Moved where a line of a cell began and ended, and where it begins now
 */

const [TAB, LF] = [0x9, 0xa];

/**
 * The lines from `start` on that have anything but white space, borders of cells and what is deleted.
 *
 * @param {Sequence} sequence
 * @param {number} start
 * @returns {CellLines}
 */
export function linesOf({ points, length }, start) {
  /** @type {number[]} */
  const bounds = [];
  let tab = false;
  for (let from = start; from < length; ) {
    let [end, shows, divided] = [from, false, false];
    for (; end < length && points[end] !== LF; end += 1) {
      divided ||= points[end] === TAB;
      shows ||= !isWhite(points[end]) && !isDeleted(points[end]);
    }
    if (shows) {
      bounds.push(from, end);
      tab ||= divided;
    }
    from = end + 1;
  }
  return { bounds, tab };
}

/**
 * One line if each cell has at most one, without cells of its own.
 *
 * @param {CellLines[]} cells
 */
const isSingle = (cells) => cells.every(({ bounds, tab }) => bounds.length <= 2 && !tab);

/**
 * How many borders stand before the lines of cells that are blocks: where several cells have lines, each line says by them in
 * which of the cells it stands.
 *
 * @param {CellLines[]} cells
 */
export function bordersBefore(cells) {
  const told = cells.filter(({ bounds }) => bounds.length > 0).length > 1;
  return told && !isSingle(cells) ? cells.reduce((sum, { bounds }, index) => sum + (index * bounds.length) / 2, 0) : 0;
}

/**
 * The characters of a row from those of its cells, and what became of each line.
 *
 * @param {Sequence} walked
 * @param {CellLines[]} cells
 * @param {number} begin where the row begins in `walked`
 * @param {number} borders as many as `bordersBefore` says
 */
export function settledRow(walked, cells, begin, borders) {
  const settled = new Sequence(walked.length - begin + cells.length + 1 + borders);
  /** @type {Moved[]} */
  const moved = [];
  const single = isSingle(cells);
  for (const [index, { bounds }] of cells.entries()) {
    if (single) {
      settled.pushText(index > 0 ? "\t" : "");
    }
    for (let at = 0; at < (single ? 2 : bounds.length); at += 2) {
      for (let tab = 0; borders > 0 && tab < index; tab += 1) {
        settled.push(TAB);
      }
      const [from, end] = [bounds[at] ?? begin, bounds[at + 1] ?? begin];
      moved.push([from, end, begin + settled.length]);
      settled.append(walked, from, end);
      if (!single) {
        settled.push(LF);
      }
    }
  }
  return { settled, moved };
}

/**
 * Where a place in the cells is now: between two lines, which now follow each other closely, half a place remains.
 *
 * @param {number} place
 * @param {Moved[]} moved
 * @param {number} begin
 */
export function movedPlace(place, moved, begin) {
  const [from, end, to] = moved.filter(([start]) => start <= place).pop() ?? [begin, begin, begin];
  return place <= end ? to + place - from : to + end - from + 0.5;
}
