// What a page holds beside the canonical text: the text of asides and links, images (docs/spec/html.md §3).

import { CONTROLS, isEmbedded, isNotShown, NOT_SHOWN, typeOf } from "./elements.js";
import { asciiTrim } from "./style.js";
import { elementsIn, isElement } from "./tree.js";

/** @typedef {import("./tree.js").PageElement} PageElement */

/** @typedef {{ kind: "hidden" | "ignored" | "skipped" | "embedded", text: string }} Aside */

/** @typedef {{ src: string, alt: string, bytes?: Uint8Array, fixed: boolean }} FoundImage `fixed`: drawn from `src` alone */

const DELETED = /[\u00ad\u200b\u2060\ufeff]+/g;
const WHITE = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/g;

/**
 * Without what is deleted, and with single spaces for white space.
 *
 * @param {string} text
 */
function settled(text) {
  const spaced = text.replace(DELETED, "").replace(WHITE, " ");
  return spaced.slice(spaced.startsWith(" ") ? 1 : 0, spaced.length > 1 && spaced.endsWith(" ") ? -1 : undefined);
}

/**
 * The first of the attributes that is there and not empty.
 *
 * @param {PageElement} element
 * @param {...string} names
 */
const attribute = ({ attributes }, ...names) => settled(names.map((name) => attributes.get(name)).find(Boolean) ?? "");

/**
 * The text inside it that could be seen.
 *
 * @param {PageElement} element
 * @param {(element: PageElement) => boolean} [leftOut] elements inside whose text does not count
 */
export function shownText(element, leftOut = () => false) {
  /** @type {string[]} */
  const parts = [];
  /** @type {{ node: PageElement, at: number }[]} */
  const open = [{ node: element, at: 0 }];
  for (let level = open.at(-1); level !== undefined; level = open.at(-1)) {
    const child = level.node.children[level.at];
    level.at += 1;
    if (child === undefined) {
      open.pop();
    } else if (!isElement(child)) {
      parts.push(child.text);
    } else if (!leftOut(child) && (child.name === "rp" || !isNotShown(child))) {
      open.push({ node: child, at: 0 });
    }
  }
  return settled(parts.join(""));
}

/**
 * What is reported of an element that is hidden, or that the profile ignores.
 *
 * @param {PageElement} element
 * @param {"hidden" | "ignored"} kind
 * @returns {Aside[]}
 */
export function asideOf(element, kind) {
  const text = shownText(element);
  return text !== "" || showsMore(element) || holdsMore(element) ? [{ kind, text }] : [];
}

/**
 * What is reported of what a closed `details` folds away.
 *
 * @param {PageElement} details
 * @param {PageElement} [summary] the child that is shown
 * @returns {Aside[]}
 */
export function foldedAside(details, summary) {
  const text = shownText(details, (inner) => inner === summary);
  const others = details.children.filter(isElement).filter((child) => child !== summary);
  return text !== "" || others.some((child) => showsMore(child) || holdsMore(child)) ? [{ kind: "hidden", text }] : [];
}

/**
 * What is reported of an element that is not shown: its text, if it has a style of its own, which may show it.
 *
 * @param {PageElement} element
 * @returns {Aside[]}
 */
export function unshownAside(element) {
  const text = isShownByStyle(element) ? shownText(element) : "";
  return text === "" ? [] : [{ kind: "hidden", text }];
}

/** @param {PageElement} element */
const isShownByStyle = ({ name, attributes }) => NOT_SHOWN.has(name) && attributes.has("style");

/**
 * Whether it shows something without any text.
 *
 * @param {PageElement} element
 */
function showsMore(element) {
  const { name } = element;
  if (isShownByStyle(element)) {
    return shownText(element) !== "";
  }
  return name === "img" || name === "li" || CONTROLS.has(name) || isEmbedded(element);
}

/**
 * Whether it has such an element inside.
 *
 * @param {PageElement} element
 */
function holdsMore(element) {
  for (const inner of elementsIn(element)) {
    if (inner !== element && showsMore(inner)) {
      return true;
    }
  }
  return false;
}

/**
 * What is reported of an embedded element.
 *
 * @param {PageElement} element
 * @returns {Aside[]}
 */
export function embeddedAside(element) {
  if (element.name === "svg" || element.name === "math" || element.name === "canvas") {
    const text = shownText(element);
    return text !== "" || element.name !== "canvas" ? [{ kind: "embedded", text }] : [];
  }
  return [{ kind: "embedded", text: attribute(element, "srcdoc", "src", "data") }];
}

/**
 * What is reported of a control, or of `noscript`.
 *
 * @param {PageElement} element
 * @returns {Aside[]}
 */
export function skippedAside(element) {
  const { name, attributes } = element;
  const type = name === "input" ? typeOf(attributes) : "";
  if (type === "hidden") {
    return [];
  }
  const text = isBox(type) ? (attributes.has("checked") ? "checked" : "") : skippedText(element);
  const speaks = text !== "" || isBox(type) || name === "meter" || name === "progress" || holdsMore(element);
  return speaks ? [{ kind: "skipped", text }] : [];
}

/** @param {string} type */
const isBox = (type) => type === "checkbox" || type === "radio";

/** @type {Record<string, string>} the attribute that is shown where a control has no text */
const INSTEAD = { textarea: "placeholder", option: "label", optgroup: "label", meter: "value", progress: "value" };

/** @param {PageElement} element */
function skippedText(element) {
  if (element.name === "input") {
    return attribute(element, "value", "placeholder");
  }
  return shownText(element) || (Object.hasOwn(INSTEAD, element.name) ? attribute(element, INSTEAD[element.name]) : "");
}

/**
 * @param {PageElement} element an `img`
 * @returns {FoundImage}
 */
export function imageOf(element) {
  const [src, alt] = [asciiTrim(element.attributes.get("src") ?? ""), attribute(element, "alt")];
  const fixed = !element.attributes.has("srcset") && element.parent?.name !== "picture";
  const bytes = fixed ? bytesOf(element.attributes.get("src") ?? "") : undefined;
  return { src, alt, fixed, ...(bytes && { bytes }) };
}

/**
 * What an address holds that is its own file.
 *
 * @param {string} src
 * @returns {Uint8Array | undefined}
 */
function bytesOf(src) {
  const dense = src.replace(/[\t\n\f\r ]+/g, "");
  const comma = dense.indexOf(",");
  const head = dense.slice(0, Math.max(0, comma));
  if (!/^data:/i.test(head) || !/;base64$/i.test(head)) {
    return undefined;
  }
  const encoded = dense.slice(comma + 1);
  const binary = encoded.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(encoded) ? atob(encoded) : "";
  // Bits that padding leaves over must be zero, or several spellings would be the same file.
  return binary !== "" && btoa(binary) === encoded ? Uint8Array.from(binary, (char) => char.charCodeAt(0)) : undefined;
}
