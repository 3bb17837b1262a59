// The words of a canonical line, for showing differences: docs/spec/diff.md, Tokens. Nothing here decides a verdict.

import { isMark } from "./unicode_table.js";

const INVISIBLE = "\\u061c\\u180b-\\u180f\\u200c-\\u200f\\u2066-\\u2069\\ufe00-\\ufe0f\\u{e0100}-\\u{e01ef}";
/** Scripts that put no spaces between words: Thai, Lao, Myanmar, Khmer; radicals, Han signs, Hiragana; Han. */
const UNSPACED =
  "\\u0e01-\\u0e4f\\u0e80-\\u0ecf\\u1000-\\u103f\\u1050-\\u108f\\u1780-\\u17df" +
  "\\u2e80-\\u2fdf\\u3005-\\u3007\\u3021-\\u3029\\u3038-\\u303b\\u3041-\\u309f" +
  "\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{323af}";

/** @type {RegExp | undefined} */
let pattern;

/**
 * Splits a canonical line into tokens; joined, they are the line again.
 *
 * @param {string} line
 * @returns {string[]}
 */
export const tokensOf = (line) => line.match((pattern ??= makePattern())) ?? [];

function makePattern() {
  const marks = marksClass();
  const mark = `(?:(?![${INVISIBLE}])[${marks}])*`;
  const letter = `(?![${UNSPACED}${INVISIBLE}${marks}])[\\p{L}\\p{Nl}\\p{No}]`;
  const more = `(?:(?![${UNSPACED}${INVISIBLE}])[\\p{L}\\p{N}]|(?![${INVISIBLE}${UNSPACED}])[${marks}])*`;
  const alternatives = [
    "[A-Za-z]+(?=[ ,.;:]|$)",
    " +",
    "<\\/?(?:ins|s|sup|sub)>",
    "&(?:amp|lt|gt);",
    `${letter}${more}(?:['\\u2019]${letter}${more})*`,
    `\\p{Nd}+(?:[.,\\uff0e\\uff0c\\u066b\\u066c]\\p{Nd}+)*[%\\uff05\\u2030\\u066a]?${mark}`,
    `[^]${mark}`,
  ];
  return new RegExp(alternatives.join("|"), "gu");
}

/** The marks of the pinned table as the inside of a character class. */
function marksClass() {
  let inside = "";
  for (let point = 0; point < 0x110000; point += 1) {
    if (isMark(point)) {
      const first = point;
      while (isMark(point + 1)) {
        point += 1;
      }
      inside += `\\u{${first.toString(16)}}-\\u{${point.toString(16)}}`;
    }
  }
  return inside;
}
