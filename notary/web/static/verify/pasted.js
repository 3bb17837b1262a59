// The lines of whatever a reader holds, to find an article among them: docs/spec/find.md. Nothing is refused that surrounds
// an article: a line that no canonical text can have is a line that equals none.

import { isDeleted, isLineEnd, isWhite, nameOf, noticesOf } from "./codepoints.js";
import { makeDocument } from "./document.js";
import { decodeHtml } from "./encoding.js";
import { InvalidText } from "./errors.js";
import { checkBeforeParsing } from "./guard.js";
import { MAX_PAGE_BYTES } from "./html.js";
import { decodePlain } from "./plain_decoding.js";
import { Sequence, toText } from "./sequence.js";
import { elementsIn } from "./tree.js";
import { Walker } from "./walk.js";
import { tooDeep } from "./walkrules.js";

/** @typedef {import("./codepoints.js").Notice} Notice */
/** @typedef {import("./tree.js").PageElement} PageElement */

/**
 * @typedef {object} PastedLine
 * @property {string} text canonical; where there is a problem, for showing only
 * @property {string} [problem] why no canonical text can have this line
 *
 * @typedef {object} Beside something of a page that is not in its lines
 * @property {"aside" | "image" | "link" | "doubt"} kind
 * @property {string} words what it is, for people
 * @property {import("./walk.js").Link} [link]
 * @property {number} line in which line it stands; half a line less where it stands between the one before and that one
 *
 * @typedef {object} Pasted
 * @property {PastedLine[]} lines
 * @property {Beside[]} beside
 * @property {Notice[]} notices what was deleted, and what invisible was kept
 * @property {boolean} page
 */

const [TAB, LF, SPACE] = [0x9, 0xa, 0x20];
const MAX_DEPTH = 500;
export const MAX_LINES = 100_000;

/**
 * The lines of a plain text.
 *
 * @param {Uint8Array} bytes
 * @returns {Pasted}
 */
export function pastedText(bytes) {
  requireSize(bytes.length);
  const sequence = decodePlain(bytes);
  for (let at = 0; at < sequence.length; at += 1) {
    const point = sequence.points[at];
    if (isLineEnd(point)) {
      sequence.points[at] = LF;
    } else if (isWhite(point)) {
      sequence.points[at] = point === TAB ? TAB : SPACE;
    }
  }
  return { ...read(sequence), beside: [], page: false };
}

/**
 * The lines of a page or of formatted text: of all of its body, since nobody says where in it the article is.
 *
 * @param {string} text
 * @param {(text: string) => PageElement} parse by the HTML standard, with scripting disabled: see tree.js
 * @returns {Pasted}
 */
export function pastedPage(text, parse) {
  try {
    checkBeforeParsing(text);
  } catch (error) {
    // What counts here is how this very parser reads it. The other limits are for its time.
    if (!(error instanceof InvalidText) || error.code !== "page-ambiguous") {
      throw error;
    }
  }
  const body = bodyOf(parse(text));
  const walker = new Walker(new Set([body]), new Set(), true);
  const sequence = walker.walk(body, walker.tagsAround(body));
  const bounds = lineBounds(sequence);
  const beside = walker.places.map(({ item, at }) => ({ ...besideOf(item, walker), line: lineAt(bounds, at) }));
  return { ...read(sequence), beside, page: true };
}

/**
 * The text of a page by its own words about its encoding.
 *
 * @param {Uint8Array} bytes
 * @param {string | null} [charset] what came with it over the network
 */
export function pageText(bytes, charset = null) {
  requireSize(bytes.length);
  return decodeHtml(bytes, charset).text;
}

/** @param {number} size */
function requireSize(size) {
  if (size > MAX_PAGE_BYTES) {
    throw new InvalidText(`This is larger than ${MAX_PAGE_BYTES / 1024 / 1024} MiB, the most that is looked at.`, "page-too-large");
  }
}

/** @param {PageElement} root */
function bodyOf(root) {
  let body;
  for (const element of elementsIn(root)) {
    if (element.depth > MAX_DEPTH) {
      throw tooDeep();
    }
    body ??= element.html && element.name === "body" ? element : undefined;
  }
  if (body === undefined) {
    throw new InvalidText("The page is made of frames, and has no text of its own. Open the frame itself.", "no-body");
  }
  return body;
}

/**
 * @param {Sequence} sequence its white space is LF, tab and space
 * @returns {{ lines: PastedLine[], notices: Notice[] }}
 */
function read(sequence) {
  const notices = noticesOf(sequence.points.subarray(0, sequence.length));
  const bounds = lineBounds(sequence);
  if (bounds.length > MAX_LINES) {
    throw new InvalidText(`This has more than ${MAX_LINES} lines, the most that are looked at.`, "too-many-lines");
  }
  const whole = canonicalLines(sequence);
  if (Array.isArray(whole) && whole.length === bounds.length) {
    return { lines: whole.map((text) => ({ text })), notices };
  }
  return { lines: bounds.map(({ start, end }) => lineOf(sequence, start, end)), notices };
}

/**
 * Canonical lines, or why there are none.
 *
 * @param {Sequence} sequence
 * @returns {string[] | InvalidText}
 */
function canonicalLines(sequence) {
  try {
    const maxBytes = 4 * MAX_PAGE_BYTES;
    return makeDocument(sequence, (kept) => kept, { titled: false, page: true, maxBytes }).lines;
  } catch (error) {
    if (error instanceof InvalidText) {
      return error;
    }
    throw error;
  }
}

/**
 * @param {Sequence} sequence
 * @param {number} start
 * @param {number} end
 * @returns {PastedLine}
 */
function lineOf(sequence, start, end) {
  const one = new Sequence(end - start + 1);
  one.append(sequence, start, end);
  const made = canonicalLines(one);
  if (Array.isArray(made) && made.length === 1) {
    return { text: made[0] };
  }
  const text = toText(one.points, 0, one.length).replace(/[\n\t ]+/g, " ").trim();
  return { text: printable(text), problem: Array.isArray(made) ? "not-canonical" : made.code };
}

/**
 * What cannot be shown, by its number.
 *
 * @param {string} text
 */
const printable = (text) =>
  text.replace(/[\p{C}\u034f\u115f\u1160\u3164\uffa0\u17b4\u17b5\ufffc\ufffd]/gu, (char) => `[${nameOf(/** @type {number} */ (char.codePointAt(0)))}]`);

/**
 * Where the lines begin and end that have anything but white space and what is deleted.
 *
 * @param {Sequence} sequence
 */
function lineBounds({ points, length }) {
  /** @type {{ start: number, end: number }[]} */
  const bounds = [];
  for (let [at, start, counted] = [0, 0, false]; at < length; at += 1) {
    const point = points[at];
    if (point === LF) {
      [start, counted] = [at + 1, false];
    } else if (!isWhite(point) && !isDeleted(point)) {
      if (!counted) {
        bounds.push({ start, end: at });
        counted = true;
      }
      bounds[bounds.length - 1].end = at + 1;
    }
  }
  return bounds;
}

/**
 * @param {{ start: number, end: number }[]} bounds
 * @param {number} at
 */
function lineAt(bounds, at) {
  let [low, high] = [0, bounds.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bounds[middle].start <= at) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low > 0 && at <= bounds[low - 1].end ? low - 1 : low - 0.5;
}

/** @type {Record<string, string>} */
const ASIDES = { hidden: "hidden text", ignored: "ignored text", skipped: "a control", embedded: "something embedded" };

/**
 * @param {(typeof Walker.prototype.places)[number]["item"]} item
 * @param {Walker} walker
 * @returns {Omit<Beside, "line">}
 */
function besideOf(item, walker) {
  if ("href" in item) {
    return { kind: "link", words: `a link to ${item.href.slice(0, 200)}: “${item.text}”`, link: item };
  }
  if ("src" in item) {
    return { kind: "image", words: `an image: ${item.src.slice(0, 200)} “${item.alt}”` };
  }
  if ("code" in item && walker.doubts.includes(item)) {
    const what = item.code === "inline-direction" ? "text whose direction is set" : "text with a style that may hide it";
    return { kind: "doubt", words: `${what}: “${item.text}”` };
  }
  const { kind, text } = /** @type {import("./shown.js").Aside} */ (item);
  return { kind: "aside", words: `${ASIDES[kind]}: “${text}”` };
}
