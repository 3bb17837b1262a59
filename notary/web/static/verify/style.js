// What the `style` of an element says that counts for its text (docs/spec/html.md, Hidden).

import { asciiLower } from "./tree.js";

/** @typedef {{ property: string, value: string }} Declaration */

const DIGITS = "[+-]?(?:[0-9]+(?:\\.[0-9]+)?|\\.[0-9]+)(?:e[+-]?[0-9]+)?";
// What only a browser can work out.
const UNKNOWN = /(?:var|calc|env|min|max|clamp|attr)\(/;
const NUMBER = new RegExp(`^${DIGITS}`);
const NUMBERS = new RegExp(`(?:^|[(,\\t\\n\\f\\r ])(${DIGITS})`, "g");
const OPACITIES = new RegExp(`opacity\\([\\t\\n\\f\\r ]*(${DIGITS})(%|(?=[)\\t\\n\\f\\r ]|$))`, "g");
const MOVES = /translate(?:x|y|3d)?\(([^)]*)/g;
const ZERO = "[+-]?(?:0+(?:\\.0+)?|\\.0+)";
const ZERO_IN_FONT = new RegExp(`(?:^|[\\t\\n\\f\\r ])${ZERO}(?=[a-z%/\\t\\n\\f\\r ])`);
const ZERO_IN_SCALE = new RegExp(`(?:^|[(,\\t\\n\\f\\r ])${ZERO}(?![0-9.])`);
// How far something is put before or behind its place so that nobody sees it.
const [BEFORE, BEHIND] = [-100, 1000];

/**
 * @param {string} style
 * @returns {Declaration[]}
 */
export function declarationsOf(style) {
  const declarations = [];
  for (const part of style.split(";")) {
    const colon = part.indexOf(":");
    if (colon >= 0) {
      const property = asciiLower(asciiTrim(part.slice(0, colon)));
      declarations.push({ property, value: withoutImportant(asciiLower(asciiTrim(part.slice(colon + 1)))) });
    }
  }
  return declarations;
}

/**
 * Without ASCII white space around it.
 *
 * @param {string} text
 */
export function asciiTrim(text) {
  let [start, end] = [0, text.length];
  while (start < end && isAsciiWhite(text[start])) {
    start += 1;
  }
  while (end > start && isAsciiWhite(text[end - 1])) {
    end -= 1;
  }
  return text.slice(start, end);
}

/** @param {string} char */
const isAsciiWhite = (char) => char === " " || char === "\t" || char === "\n" || char === "\f" || char === "\r";

/** @param {string} value */
function withoutImportant(value) {
  const before = value.endsWith("important") ? asciiTrim(value.slice(0, -"important".length)) : "";
  return before.endsWith("!") ? asciiTrim(before.slice(0, -1)) : value;
}

/**
 * Whether one of them makes an element unseen.
 *
 * @param {Declaration[]} declarations
 */
export const hides = (declarations) => declarations.some(({ property, value }) => HIDING.get(property)?.(value) ?? false);

/**
 * Whether one of them sets the direction of text.
 *
 * @param {Declaration[]} declarations
 */
export function directs(declarations) {
  return declarations.some(({ property }) => property === "direction" || property === "unicode-bidi");
}

/**
 * The tags that they amount to.
 *
 * @param {Declaration[]} declarations
 * @returns {("s" | "sup" | "sub")[]}
 */
export function tagsOf(declarations) {
  /** @type {("s" | "sup" | "sub")[]} */
  const tags = [];
  for (const { property, value } of declarations) {
    if ((property === "text-decoration" || property === "text-decoration-line") && value.includes("line-through")) {
      tags.push("s");
    } else if (property === "vertical-align" && (value === "super" || value === "sub")) {
      tags.push(value === "super" ? "sup" : "sub");
    }
  }
  return tags;
}

/**
 * The number that a value begins with, and what follows it.
 *
 * @param {string} value
 * @returns {[number, string]} NaN if it begins with none
 */
function measure(value) {
  const found = NUMBER.exec(value)?.[0] ?? "";
  return [found === "" ? NaN : Number(found), value.slice(found.length)];
}

/** @param {string} value */
function isFaint(value) {
  const [number, unit] = measure(value);
  return isLow(number, unit);
}

/**
 * @param {number} number
 * @param {string} unit
 */
const isLow = (number, unit) => (unit === "" && number < 0.1) || (unit === "%" && number < 10);

/** @param {string} value */
const isFiltered = (value) => [...value.matchAll(OPACITIES)].some(([, number, unit]) => isLow(Number(number), unit));

/** @param {string} value */
function isTiny(value) {
  const [number, unit] = measure(value);
  const limits = /** @type {Record<string, number>} */ ({ px: 2, pt: 2, em: 0.2, rem: 0.2, "%": 20 });
  return number === 0 || (Object.hasOwn(limits, unit) && number < limits[unit]);
}

/** @param {string} value */
const isNothing = (value) => measure(value)[0] === 0;

/** @param {string} value */
const isFarAway = (value) => measure(value)[0] <= BEFORE;

/**
 * The numbers at its start and behind a parenthesis, a comma or white space.
 *
 * @param {string} value
 */
const numbersOf = (value) => [...value.matchAll(NUMBERS)].map(([, number]) => Number(number));

/** @param {string} value */
const isPulledAway = (value) => numbersOf(value).some((number) => number <= BEFORE);

/** @param {string} value */
const isMovedAway = (value) => numbersOf(value).some((number) => number <= BEFORE || number >= BEHIND);

/** @param {string} value */
function isTransformed(value) {
  const moved = [...value.matchAll(MOVES)].some(([, distances]) => isMovedAway(distances));
  return moved || (value.startsWith("scale") && ZERO_IN_SCALE.test(value));
}

/** @param {string} value */
function isTransparent(value) {
  if (value === "transparent" || /^#(?:[0-9a-f]{3}0|[0-9a-f]{6}00)$/.test(value)) {
    return true;
  }
  const inside = /^(?:rgb|hsl)a?\(([^)]*)/.exec(value)?.[1] ?? "";
  const parts = inside.match(/[^\t\n\f\r ,/]+/g) ?? [];
  return parts.length >= 4 && isFaint(parts[3]);
}

/** @param {string} value */
const isUnknown = (value) => UNKNOWN.test(value);

/** @param {string} value */
const isClipped = (value) => value !== "auto" && value !== "none";

/** @type {Map<string, (value: string) => boolean>} */
const HIDING = new Map([
  ["display", (value) => value === "none" || isUnknown(value)],
  ["visibility", (value) => value === "hidden" || value === "collapse" || isUnknown(value)],
  ["content-visibility", (value) => value === "hidden" || isUnknown(value)],
  ["opacity", (value) => isFaint(value) || isUnknown(value)],
  ["filter", (value) => isFiltered(value) || isUnknown(value)],
  ["-webkit-filter", (value) => isFiltered(value) || isUnknown(value)],
  ["content", (value) => value !== "normal" && value !== "none"],
  ["font-size", isTiny],
  ["font", (value) => ZERO_IN_FONT.test(value)],
  ["color", isTransparent],
  ["-webkit-text-fill-color", isTransparent],
  ...["width", "height", "max-width", "max-height", "zoom", "line-height"].map((name) => pair(name, isNothing)),
  ...["inline-size", "block-size", "max-inline-size", "max-block-size"].map((name) => pair(name, isNothing)),
  ...["text-indent", "left", "top", "right", "bottom", "margin-left", "margin-top"].map((name) => pair(name, isFarAway)),
  ["margin", isPulledAway],
  ["inset", isPulledAway],
  ["transform", isTransformed],
  ["translate", isMovedAway],
  ["scale", (value) => ZERO_IN_SCALE.test(value)],
  ["clip", isClipped],
  ["clip-path", isClipped],
  ["-webkit-text-security", (value) => value !== "none"],
]);

/**
 * @param {string} name
 * @param {(value: string) => boolean} test
 * @returns {[string, (value: string) => boolean]}
 */
function pair(name, test) {
  return [name, test];
}
