// What a list shows before its items (docs/spec/html.md, Markers).

import { isElement } from "./tree.js";

/** @typedef {import("./tree.js").PageElement} PageElement */

const LIMIT = 2147483647;
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

/**
 * The marker of each item of an ordered list that is not hidden.
 *
 * @param {PageElement} list an `ol`
 * @param {(element: PageElement) => boolean} isHidden
 * @returns {Map<PageElement, string>}
 */
export function markersOf(list, isHidden) {
  const items = list.children.filter(isElement).filter((child) => child.html && child.name === "li" && !isHidden(child));
  const reversed = list.attributes.has("reversed");
  let ordinal = integerOf(list.attributes.get("start")) ?? (reversed ? items.length : 1);
  /** @type {Map<PageElement, string>} */
  const markers = new Map();
  for (const item of items) {
    ordinal = integerOf(item.attributes.get("value")) ?? ordinal;
    const style = item.attributes.get("type") ?? list.attributes.get("type");
    markers.set(item, `${written(ordinal, style)}. `);
    ordinal += reversed ? -1 : 1;
  }
  return markers;
}

/**
 * @param {number} ordinal
 * @param {string | undefined} style
 */
function written(ordinal, style) {
  const lower = style?.toLowerCase();
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
