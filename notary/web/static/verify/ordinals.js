// What a list shows before its items (docs/spec/html.md, Markers).

import { EMBEDDED, isNotShown } from "./elements.js";
import { asciiLower, isElement } from "./tree.js";

/** @typedef {import("./tree.js").PageElement} PageElement */

const LIMIT = 2147483647;
const BULLETS = new Set(["disc", "circle", "square", "none"]);
const NUMBERED = new Set(["1", "a", "A", "i", "I"]);
const ROMAN_LIMIT = 3999;
const ROMAN = /** @type {const} */ ([
  [1000, "m"], [900, "cm"], [500, "d"], [400, "cd"], [100, "c"], [90, "xc"],
  [50, "l"], [40, "xl"], [10, "x"], [9, "ix"], [5, "v"], [4, "iv"], [1, "i"],
]);

/**
 * The integer that an attribute begins with; undefined if it has none.
 *
 * @param {string | undefined} value
 */
export function integerOf(value) {
  const found = /^[\t\n\f\r ]*([+-]?[0-9]+)/.exec(value ?? "");
  const number = found ? Number(found[1]) : NaN;
  return Math.abs(number) <= LIMIT ? number + 0 : undefined;
}

/** @param {PageElement} element */
const isList = ({ name }) => name === "ol" || name === "ul" || name === "menu";

/**
 * The list that an item belongs to.
 *
 * @param {PageElement} item
 */
export function listAround(item) {
  let above = item.parent;
  while (above !== null && !isList(above)) {
    above = above.parent;
  }
  return above;
}

/**
 * The marker of each item of a list that is not hidden; empty for those that show no number.
 *
 * @param {PageElement} list an `ol`, `ul` or `menu`
 * @param {(element: PageElement) => boolean} isHidden
 * @returns {Map<PageElement, string>}
 */
export function markersOf(list, isHidden) {
  const items = [...itemsOf(list, isHidden)];
  const ordered = list.name === "ol";
  const reversed = ordered && list.attributes.has("reversed");
  const type = list.attributes.get("type") ?? "";
  const style = ordered ? (NUMBERED.has(type) ? type : "1") : undefined;
  let ordinal = (ordered ? integerOf(list.attributes.get("start")) : undefined) ?? (reversed ? items.length : 1);
  /** @type {Map<PageElement, string>} */
  const markers = new Map();
  for (const item of items) {
    ordinal = integerOf(item.attributes.get("value")) ?? ordinal;
    markers.set(item, markerOf(ordinal, item.attributes.get("type"), style));
    ordinal += reversed ? -1 : 1;
  }
  return markers;
}

/**
 * Those that belong to the list: inside it, but not inside another one, or where none is drawn.
 *
 * @param {PageElement} list
 * @param {(element: PageElement) => boolean} isHidden
 */
function* itemsOf(list, isHidden) {
  const open = [{ node: list, at: 0 }];
  for (let level = open.at(-1); level !== undefined; level = open.at(-1)) {
    const child = level.node.children[level.at];
    level.at += 1;
    if (child === undefined) {
      open.pop();
    } else if (isElement(child) && !isList(child) && !isNotShown(child) && !isDrawn(child) && !isHidden(child)) {
      if (child.name === "li") {
        yield child;
      }
      open.push({ node: child, at: 0 });
    }
  }
}

/** @param {PageElement} element */
const isDrawn = ({ name }) => EMBEDDED.has(name) || name === "template" || name === "noscript";

/**
 * What an item shows that says `own` of itself, in a list of this style; undefined has bullets.
 *
 * @param {number} ordinal
 * @param {string | undefined} own
 * @param {string | undefined} common
 */
function markerOf(ordinal, own, common) {
  let style = common;
  if (own !== undefined && NUMBERED.has(own)) {
    style = own;
  } else if (own !== undefined && BULLETS.has(asciiLower(own))) {
    style = undefined;
  }
  return style === undefined ? "" : `${written(ordinal, style)}. `;
}

/**
 * @param {number} ordinal
 * @param {string} style
 */
function written(ordinal, style) {
  const lower = style.toLowerCase();
  let text = String(ordinal);
  if (style === "a" || style === "A") {
    text = ordinal < 1 ? text : alphabetic(ordinal);
  } else if (style === "i" || style === "I") {
    text = ordinal < 1 || ordinal > ROMAN_LIMIT ? text : roman(ordinal);
  }
  return style === lower ? text : text.toUpperCase();
}

/** @param {number} ordinal */
function alphabetic(ordinal) {
  let text = "";
  for (let rest = ordinal; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    text = String.fromCharCode(0x61 + ((rest - 1) % 26)) + text;
  }
  return text;
}

/** @param {number} ordinal */
function roman(ordinal) {
  let [text, rest] = ["", ordinal];
  for (const [value, letters] of ROMAN) {
    while (rest >= value) {
      text += letters;
      rest -= value;
    }
  }
  return text;
}
