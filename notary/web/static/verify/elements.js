// The elements that docs/spec/html.md treats alike.

import { isElement } from "./tree.js";

/** @param {string} names */
const list = (names) => new Set(names.split(" "));

export const NOT_SHOWN = list(
  "area base basefont bgsound col colgroup datalist head link meta noembed noframes param rp script source style title track",
);

export const EMBEDDED = list("applet audio canvas embed frame frameset iframe math object svg video");

export const CONTROLS = list("button input meter optgroup option output progress select textarea");

export const BLOCKS = list(
  "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure footer " +
    "form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html legend li listing main marquee menu nav ol p plaintext pre " +
    "search section summary table tbody td tfoot th thead tr ul xmp",
);

export const PREFORMATTED = list("pre listing xmp plaintext");

/** @typedef {import("./tree.js").PageElement} PageElement */

/**
 * Whether it holds what no reader sees.
 *
 * @param {PageElement} element
 */
export function isNotShown({ name, attributes }) {
  return NOT_SHOWN.has(name) || (name === "template" && !attributes.has("shadowrootmode"));
}

/**
 * Whether it shows something of its own.
 *
 * @param {PageElement} element
 */
export function isEmbedded({ name, attributes }) {
  const shadow = name === "template" && attributes.has("shadowrootmode");
  return EMBEDDED.has(name) || shadow || (name === "input" && typeOf(attributes) === "image");
}

/**
 * Whether it is a `details` that is closed, or may be: of those with one `name` browsers leave at most one open, and take
 * `open` away from the others as they parse.
 *
 * @param {PageElement} element
 */
export function isClosed({ name, attributes }) {
  return name === "details" && (!attributes.has("open") || Boolean(attributes.get("name")));
}

/**
 * The child of a `details` that is shown even if it is closed.
 *
 * @param {PageElement} details
 */
export const firstSummary = ({ children }) => children.filter(isElement).find(({ name }) => name === "summary");

/**
 * The type of an `input`.
 *
 * @param {PageElement["attributes"]} attributes
 */
export function typeOf(attributes) {
  return (attributes.get("type") ?? "").replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
