// Which places of a row are cells, and which are covered by cells that span (docs/spec/html.md, Tables).

import { InvalidText } from "./errors.js";
import { integerOf } from "./ordinals.js";
import { isElement } from "./tree.js";

/** @typedef {import("./tree.js").PageElement} PageElement */

const MAX_COLSPAN = 100;
const MAX_ROWSPAN = 1000;
const MAX_PLACES = 1000;
const MAX_TOTAL = 1_000_000;

/**
 * The children of a `table` in the order that readers see: wherever they stand, some are first and one is last.
 *
 * @param {PageElement} table
 * @param {(element: PageElement) => boolean} isHidden
 */
export function asDrawn({ children }, isHidden) {
  const elements = children.filter(isElement);
  const [head, foot] = ["thead", "tfoot"].map((name) => elements.find((child) => child.name === name && !isHidden(child)));
  /** @param {import("./tree.js").PageNode} child */
  const place = (child) =>
    isElement(child) && child.name === "caption" ? 0 : child === head ? 1 : child === foot ? 3 : 2;
  return [...children].sort((one, other) => place(one) - place(other));
}

/** The rows of the tables of a page, as the walk comes to them. */
export class Rows {
  /** @type {Map<PageElement | null, number[]>} how many rows each column is covered for, by the parent of the rows */
  #covered = new Map();
  #total = 0;

  /**
   * The places of a row: cells, and null for each that another one covers.
   *
   * @param {PageElement} row
   * @param {boolean} alone whether it is a region of its own: then it is no row of its table
   * @returns {(PageElement | null)[]}
   */
  placesOf(row, alone) {
    const covered = alone ? [] : (this.#covered.get(row.parent) ?? []);
    if (!alone) {
      this.#covered.set(row.parent, covered);
    }
    /** @type {(PageElement | null)[]} */
    const places = [];
    /** @type {[column: number, rows: number][]} */
    const claims = [];
    for (const cell of row.children.filter(isElement).filter(isCell)) {
      addCovered(places, covered);
      const [columns, rows] = spansOf(cell);
      for (let column = places.length; rows > 1 && column < places.length + columns; column += 1) {
        claims.push([column, rows]);
      }
      places.push(cell, ...Array(columns - 1).fill(null));
      this.#check(places.length);
    }
    addCovered(places, covered);
    this.#check(places.length);
    this.#total += places.length;
    for (const [column, rows] of claims) {
      while (covered.length <= column) {
        covered.push(0);
      }
      covered[column] = Math.max(covered[column], rows);
    }
    for (const [column, rows] of covered.entries()) {
      covered[column] = Math.max(0, rows - 1);
    }
    return places;
  }

  /**
   * Counts TABs that tell where a line stands, as so many places.
   *
   * @param {number} tabs
   */
  add(tabs) {
    this.#total += tabs;
    if (this.#total > MAX_TOTAL) {
      throw tooLarge();
    }
  }

  /** @param {number} places of a row so far */
  #check(places) {
    if (places > MAX_PLACES || this.#total + places > MAX_TOTAL) {
      throw tooLarge();
    }
  }
}

/**
 * @param {(PageElement | null)[]} places
 * @param {number[]} covered
 */
function addCovered(places, covered) {
  while (covered[places.length] > 0) {
    places.push(null);
  }
}

/** @param {PageElement} element */
const isCell = ({ html, name }) => html && (name === "td" || name === "th");

/**
 * @param {PageElement} cell
 * @returns {[columns: number, rows: number]}
 */
function spansOf({ attributes }) {
  const columns = Math.max(1, integerOf(attributes.get("colspan")) ?? 1);
  const rows = integerOf(attributes.get("rowspan")) ?? 1;
  if (columns > MAX_COLSPAN || rows > MAX_ROWSPAN) {
    throw tooLarge();
  }
  return [columns, rows === 0 ? Infinity : Math.max(1, rows)];
}

function tooLarge() {
  return new InvalidText("A table is too large, or its cells span too far.", "table-too-large");
}
