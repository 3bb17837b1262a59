// What an element of a page says about itself: hidden, directed, a link, tagged (docs/spec/html.md §3, lines d to f).

import { BLOCKS, PREFORMATTED } from "./elements.js";
import { InvalidText } from "./errors.js";
import { BIT } from "./markup.js";
import { declarationsOf, directs, hides, tagsOf } from "./style.js";

/** @typedef {import("./tree.js").PageElement} PageElement */

/**
 * @typedef {object} Way what holds where the walk is
 * @property {number} tags those in force
 * @property {boolean} preformatted
 */

export const MAX_ANCESTORS = 255;

/** @type {Record<string, number>} */
const TAGS = { sup: BIT.sup, sub: BIT.sub, s: BIT.s, del: BIT.s, strike: BIT.s, ins: BIT.ins };

/** @param {PageElement} element */
export const isLink = ({ html, name, attributes }) => html && name === "a" && attributes.has("href");

/** @param {PageElement} element */
const styleOf = ({ attributes }) => declarationsOf(attributes.get("style") ?? "");

/**
 * Whether the element itself says that it is not to be seen.
 *
 * @param {PageElement} element
 */
export function isHidden(element) {
  const { name, attributes } = element;
  return attributes.has("hidden") || attributes.has("popover") || (name === "dialog" && !attributes.has("open")) || hides(styleOf(element));
}

/** @param {PageElement} element */
export function requireNoEscape({ attributes }) {
  const style = attributes.get("style") ?? "";
  if (style.includes("\\") || style.includes("/*")) {
    throw new InvalidText("A style has a backslash or a comment, which can hide what it says. Remove it.", "style-escape");
  }
}

/** @param {PageElement} element */
export function requireNoDirection(element) {
  const { name, attributes } = element;
  if (name === "bdo" || name === "bdi" || (attributes.has("dir") && !BLOCKS.has(name)) || directs(styleOf(element))) {
    throw new InvalidText("The direction of text is set within a line. Remove that.", "inline-direction");
  }
}

/**
 * What holds for the children of an element.
 *
 * @param {PageElement} element
 * @param {Way} way
 * @returns {Way}
 */
export function inside(element, { tags, preformatted }) {
  const own = [TAGS[element.name] ?? 0, ...tagsOf(styleOf(element)).map((tag) => BIT[tag])];
  return {
    tags: own.reduce((all, bit) => all | bit, tags),
    preformatted: preformatted || PREFORMATTED.has(element.name),
  };
}

/** @param {string} [field] */
export const tooDeep = (field) =>
  new InvalidText("The page nests its elements too deep.", "page-too-deep", undefined, field);
