// How two canonical documents differ (docs/spec/text-1.md, Comparing).

import { encode } from "./bytes.js";
import { inRanges } from "./codepoints.js";
import { InvalidText } from "./errors.js";
import { parseCell } from "./markup.js";
import { decodeUtf8 } from "./plain_decoding.js";
import { Sequence } from "./sequence.js";
import { isNumber } from "./unicode_table.js";

/** @typedef {{ points: Uint32Array, tags: Uint8Array }} Document */

/** @typedef {"identical" | "typography-only" | "changed"} Difference */

const [TAB, LF, SPACE] = [0x9, 0xa, 0x20];

/** What each of these is replaced by. */
const SHAPES = new Map(
  Object.entries({
    "'": [0x2018, 0x2019, 0x201a, 0x201b, 0x2039, 0x203a],
    '"': [0x201c, 0x201d, 0x201e, 0x201f, 0xab, 0xbb, 0x301d, 0x301e, 0x301f],
    "-": [0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2212, 0xfe58, 0xfe63],
    "~": [0x301c],
    "...": [0x2026],
    "": [0x200c, 0xfe0e, 0xfe0f],
  }).flatMap(([shape, points]) => points.map((point) => [point, pointsOf(shape)])),
);
for (let point = 0xff01; point <= 0xff5e; point += 1) {
  SHAPES.set(point, [point - 0xff01 + 0x21]);
}
// Half-width katakana, and their punctuation; the sound marks FF9E and FF9F keep their width.
for (let point = 0xff5f; point <= 0xff9d; point += 1) {
  SHAPES.set(point, pointsOf(String.fromCodePoint(point).normalize("NFKC")));
}
// Half-width Hangul; its NFKC would go further than to the full width.
for (const [first, last, wide] of [
  [0xffa1, 0xffbe, 0x3131],
  [0xffc2, 0xffc7, 0x314f],
  [0xffca, 0xffcf, 0x3155],
  [0xffd2, 0xffd7, 0x315b],
  [0xffda, 0xffdc, 0x3161],
]) {
  for (let point = first; point <= last; point += 1) {
    SHAPES.set(point, [wide + point - first]);
  }
}
for (const [index, shape] of [..."¢£¬¯¦¥₩"].entries()) {
  SHAPES.set(0xffe0 + index, pointsOf(shape));
}
for (const [index, shape] of [..."│←↑→↓■○"].entries()) {
  SHAPES.set(0xffe8 + index, pointsOf(shape));
}

const KATAKANA = [0xff66, 0xff6f, 0xff71, 0xff9d];
const SOUND_MARKS = [0xff9e, 0xff9f];
const JOINED = [0x2190, 0x2bff, 0x3030, 0x3030, 0x303d, 0x303d, 0x1f000, 0x1fbff];
const RIGHT_TO_LEFT = [0x590, 0x8ff, 0xfb1d, 0xfdff, 0xfe70, 0xfefc, 0x10800, 0x10fff, 0x1e800, 0x1efff, 0x61c, 0x61c]
  .concat([0x200f, 0x200f, 0x2067, 0x2067]);
const DIRECTION_MARKS = new Set([0x200e, 0x2066, 0x2068, 0x2069]);

const DIGITS = new Set(pointsOf("〇零一二三四五六七八九十百千万萬亿億兆廿卅卌两兩半壹贰貳叁參肆伍陆陸柒捌玖拾佰仟"));
const SIGNS = new Set(pointsOf("+-.,:/%±×÷=~·'\""));
const UNSPACED = [0x3001, 0x3003, 0x3005, 0x3005, 0x3007, 0x3011, 0x3014, 0x301b, 0x3041, 0x3096, 0x309d, 0x309f]
  .concat([0x30a1, 0x30ff, 0x3400, 0x4dbf, 0x4e00, 0x9fff, 0x20000, 0x323af]);

/** The gaps that may take each other's place, from the smallest. */
const GAPS = ["", " ", "\t", "\n", "\n\n"];

/** @param {string} text */
function pointsOf(text) {
  return [...text].map((char) => /** @type {number} */ (char.codePointAt(0)));
}

/**
 * @param {Uint8Array} recorded a canonical document
 * @param {Uint8Array} copy another one
 * @returns {Difference}
 */
export function compare(recorded, copy) {
  if (recorded.length === copy.length && recorded.every((byte, at) => byte === copy[at])) {
    return "identical";
  }
  const [one, other] = [read(recorded), read(copy)];
  const directed = [one, other].some(({ points }) => points.some((point) => inRanges(RIGHT_TO_LEFT, point)));
  const [ours, theirs] = [one, other].map((document) => shapeless(directed ? document : withoutDirection(document)));
  return sameCharacters(ours, theirs) && gapsAgree(ours, theirs) ? "typography-only" : "changed";
}

/**
 * A canonical line without its white space and without what only makes shape: equal for lines that may differ in typography
 * only. For showing: whether they do is for compare to say.
 *
 * @param {string} line
 */
export function foldedLine(line) {
  const { characters } = shapeless(withoutDirection(read(encode(line))));
  let folded = "";
  for (let at = 0; at < characters.length; at += 1) {
    const change = characters.tags[at] !== (at > 0 ? characters.tags[at - 1] : 0);
    folded += (change ? `\n${characters.tags[at]}\t` : "") + String.fromCodePoint(characters.points[at]);
  }
  return folded;
}

/** @param {Uint8Array} bytes */
function read(bytes) {
  const { points, length } = decodeUtf8(bytes);
  const all = parseCell(points, 0, length);
  if (all === undefined) {
    throw new InvalidText("This is not a canonical document.", "not-canonical", 0);
  }
  return all;
}

/**
 * Without marks of direction, which where all text runs one way change nothing.
 *
 * @param {Document} document
 * @returns {Document}
 */
function withoutDirection({ points, tags }) {
  const isMarkAt = (/** @type {number} */ at) => DIRECTION_MARKS.has(points[at]);
  return { points: points.filter((_, at) => !isMarkAt(at)), tags: tags.filter((_, at) => !isMarkAt(at)) };
}

/**
 * @typedef {object} Shapeless a document without what only makes shape
 * @property {Sequence} characters all that are not white space
 * @property {string[]} gaps the white space before each, and at last the one behind all
 * @property {boolean} tabs whether there are any
 */

/**
 * @param {Document} document
 * @returns {Shapeless}
 */
function shapeless({ points, tags }) {
  const characters = new Sequence();
  const gaps = [""];
  for (let at = 0; at < points.length; at += 1) {
    const point = points[at];
    if (point === SPACE || point === TAB || point === LF) {
      gaps[gaps.length - 1] += String.fromCodePoint(point);
      continue;
    }
    const following = at + 1 < points.length && tags[at + 1] === tags[at] ? points[at + 1] : 0;
    const voiced = inRanges(KATAKANA, point) && inRanges(SOUND_MARKS, following);
    for (const shape of voiced ? voicedKatakana(point, following) : shapeOf(point, following)) {
      characters.push(shape, tags[at]);
      gaps.push("");
    }
    at += voiced ? 1 : 0;
  }
  return { characters, gaps, tabs: points.includes(TAB) };
}

/**
 * @param {number} point
 * @param {number} mark
 */
function voicedKatakana(point, mark) {
  return pointsOf(String.fromCodePoint(point, mark).normalize("NFKC"));
}

/**
 * @param {number} point
 * @param {number} following
 */
function shapeOf(point, following) {
  if (point === 0x200d) {
    return inRanges(JOINED, following) ? [point] : [];
  }
  return SHAPES.get(point) ?? [point];
}

/**
 * @param {Shapeless} one
 * @param {Shapeless} other
 */
function sameCharacters({ characters: one }, { characters: other }) {
  if (one.length !== other.length) {
    return false;
  }
  for (let at = 0; at < one.length; at += 1) {
    if (one.points[at] !== other.points[at] || one.tags[at] !== other.tags[at]) {
      return false;
    }
  }
  return true;
}

/**
 * @param {Shapeless} one
 * @param {Shapeless} other
 */
function gapsAgree(one, other) {
  const bothHaveTabs = one.tabs && other.tabs;
  let order = 0;
  for (let at = 0; at < one.gaps.length; at += 1) {
    let [left, right] = [one.gaps[at], other.gaps[at]];
    if (left === right) {
      continue;
    }
    if (left.includes("\t") || right.includes("\t")) {
      if (bothHaveTabs) {
        return false;
      }
      [left, right] = [withoutIndentation(left, at), withoutIndentation(right, at)];
    }
    if (left !== right) {
      const [small, great] = [GAPS.indexOf(left), GAPS.indexOf(right)];
      const now = Math.sign(great - small);
      if (small < 0 || great < 0 || now === -order || !mayDiffer(one.characters, at, left === "" || right === "")) {
        return false;
      }
      order = now;
    }
  }
  return true;
}

/**
 * @param {string} gap
 * @param {number} at
 */
function withoutIndentation(gap, at) {
  return at === 0 || gap.startsWith("\n") ? gap.replace(/\t+$/, "") : gap;
}

/**
 * Whether white space between two characters is a matter of typography.
 *
 * @param {Sequence} characters
 * @param {number} at the index of the one behind it
 * @param {boolean} touching whether in one of the documents there is none
 */
function mayDiffer({ points, tags, length }, at, touching) {
  if (at === 0 || at === length || tags[at - 1] !== tags[at]) {
    return false;
  }
  const [left, right] = [points[at - 1], points[at]];
  const [digitLeft, digitRight] = [isDigit(left), isDigit(right)];
  if ((digitLeft && (digitRight || SIGNS.has(right))) || (digitRight && SIGNS.has(left))) {
    return false;
  }
  return !touching || inRanges(UNSPACED, left) || inRanges(UNSPACED, right);
}

/** @param {number} point */
const isDigit = (point) => isNumber(point) || DIGITS.has(point);
