// A canonical document as blocks to be shown: paragraphs, and tables from lines with tabs. Pure.

import { runsOf, parseCell } from "../verify/markup.js";

/**
 * @typedef {import("../verify/markup.js").Run} Run
 * @typedef {{ paragraph: Run[] } | { rows: Run[][][] }} Block
 * @typedef {{ title?: Run[], blocks: Block[], leftOut: number }} Article
 */

const MAX_LINES = 2000;
const MAX_CHARACTERS = 200_000;

/**
 * @param {string} text a canonical document
 * @returns {Article} a very long one without its end
 */
export function articleOf(text) {
  let lines = text.split("\n");
  /** @type {Article} */
  const article = { blocks: [], leftOut: 0 };
  if (lines.length > 2 && lines[1] === "") {
    article.title = runs(lines[0]);
    lines = lines.slice(2);
  }
  const count = shownLines(lines);
  article.leftOut = lines.length - count;
  for (const line of lines.slice(0, count)) {
    const last = article.blocks.at(-1);
    if (!line.includes("\t")) {
      article.blocks.push({ paragraph: runs(line) });
    } else if (last !== undefined && "rows" in last) {
      last.rows.push(line.split("\t").map(runs));
    } else {
      article.blocks.push({ rows: [line.split("\t").map(runs)] });
    }
  }
  return article;
}

/** @param {string[]} lines */
function shownLines(lines) {
  let characters = 0;
  for (const [number, line] of lines.slice(0, MAX_LINES).entries()) {
    characters += line.length;
    if (characters > MAX_CHARACTERS && number > 0) {
      return number;
    }
  }
  return Math.min(lines.length, MAX_LINES);
}

/**
 * The characters of a cell with their marks; whatever is not well-formed is shown as the characters it is.
 *
 * @param {string} text
 * @returns {Run[]}
 */
function runs(text) {
  const points = Uint32Array.from(text, (char) => /** @type {number} */ (char.codePointAt(0)));
  const cell = parseCell(points, 0, points.length);
  return cell === undefined ? [{ text, tags: 0 }] : runsOf(cell.points, cell.tags);
}
