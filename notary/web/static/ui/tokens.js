// The words of a canonical line, for showing differences: docs/spec/diff.md, Tokens. Nothing here is part of a verdict.

const INVISIBLE = "\\u061c\\u180b-\\u180f\\u200c-\\u200f\\u2066-\\u2069\\ufe00-\\ufe0f\\u{e0100}-\\u{e01ef}";
const UNSPACED =
  "\\u0e01-\\u0e4f\\u0e80-\\u0ecf\\u1000-\\u103f\\u1050-\\u108f\\u1780-\\u17df" +
  "\\u2e80-\\u2fdf\\u3005-\\u3007\\u3021-\\u3029\\u3038-\\u303b\\u3041-\\u309f" +
  "\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{323af}";

const MARKS = `(?:(?![${INVISIBLE}])\\p{M})*`;
const LETTER = `(?![${INVISIBLE}${UNSPACED}])[\\p{L}\\p{Nl}\\p{No}]`;
const MORE = `(?:(?![${INVISIBLE}${UNSPACED}])[\\p{L}\\p{N}\\p{M}])*`;

const TOKEN = new RegExp(
  [
    "</?(?:ins|s|sup|sub)>",
    "&(?:amp|lt|gt);",
    `${LETTER}${MORE}(?:['\\u2019]${LETTER}${MORE})*`,
    `\\p{Nd}+(?:[.,\\uff0e\\uff0c\\u066b\\u066c]\\p{Nd}+)*[%\\uff05\\u2030\\u066a]?${MARKS}`,
    " +",
    `[^]${MARKS}`,
  ].join("|"),
  "gu",
);

/** @type {Record<string, string>} */
const ESCAPES = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };

/**
 * The tokens of a canonical line; joined, they are the line again.
 *
 * @param {string} line
 * @returns {string[]}
 */
export const tokensOf = (line) => line.match(TOKEN) ?? [];

/**
 * Tokens as a person reads them: tags stay, what is escaped is not.
 *
 * @param {string} text
 */
export const shown = (text) => text.replaceAll(/&(?:amp|lt|gt);/g, (escape) => ESCAPES[escape]);

/** @param {string} token */
export const isSpace = (token) => /^\s/u.test(token);
