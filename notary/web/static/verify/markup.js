// The tags of a canonical document (docs/spec/text-1.md, Markup). A set of tags is a number, one bit for each.

import { toText } from "./sequence.js";

/** From the outermost to the innermost. */
const TAGS = /** @type {const} */ ([
  ["ins", 8],
  ["s", 4],
  ["sup", 2],
  ["sub", 1],
]);

/** The bit of each tag. */
export const BIT = Object.freeze(/** @type {Record<"ins" | "s" | "sup" | "sub", number>} */ (Object.fromEntries(TAGS)));

const LONGEST_TOKEN = "</sup>".length;
const ESCAPES = new Map([["&amp;", "&"], ["&lt;", "<"], ["&gt;", ">"]].map(([token, char]) => [token, char.charCodeAt(0)]));
const OPEN = new Map(TAGS.map(([name, bit]) => [`<${name}>`, bit]));
const CLOSE = new Map(TAGS.map(([name, bit]) => [`</${name}>`, bit]));

const NAMES = Array.from({ length: 16 }, (_, set) => TAGS.filter(([, bit]) => set & bit).map(([name]) => name));
const CHANGES = Array.from({ length: 256 }, (_, pair) => change(NAMES[pair >> 4], NAMES[pair & 15]));

/**
 * What is written between a character with one set of tags and a character with another.
 *
 * @param {string[]} before
 * @param {string[]} after
 */
function change(before, after) {
  let common = 0;
  while (common < before.length && before[common] === after[common]) {
    common += 1;
  }
  const closed = before.slice(common).reverse().map((name) => `</${name}>`);
  return [...closed, ...after.slice(common).map((name) => `<${name}>`)].join("");
}

/**
 * @typedef {object} Run characters of a cell that carry the same tags
 * @property {string} text
 * @property {number} tags
 */

/**
 * A cell as it stands in a document.
 *
 * @param {Run[]} runs
 */
export function writeCell(runs) {
  let written = "";
  let open = 0;
  for (const { text, tags } of runs) {
    written += CHANGES[(open << 4) | tags];
    written += text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
    open = tags;
  }
  return written + CHANGES[open << 4];
}

/**
 * The runs of characters with the same tags.
 *
 * @param {Uint32Array} points
 * @param {Uint8Array} tags
 * @param {number} [start]
 * @param {number} [end]
 * @returns {Run[]}
 */
export function runsOf(points, tags, start = 0, end = points.length) {
  const runs = [];
  for (let from = start; from < end; ) {
    let to = from + 1;
    while (to < end && tags[to] === tags[from]) {
      to += 1;
    }
    runs.push({ text: toText(points, from, to), tags: tags[from] });
    from = to;
  }
  return runs;
}

/**
 * @typedef {object} Cell the characters of a cell of a document
 * @property {Uint32Array} points
 * @property {Uint8Array} tags
 * @property {Uint32Array} origin the index in the document of each
 */

/**
 * Reads a cell of a document; undefined if tags do not pair up, or if one of & < > is neither in a tag nor in an escape.
 *
 * @param {Uint32Array} document
 * @param {number} start
 * @param {number} end
 * @returns {Cell | undefined}
 */
export function parseCell(document, start, end) {
  const points = new Uint32Array(end - start);
  const tags = new Uint8Array(end - start);
  const origin = new Uint32Array(end - start);
  /** @type {{ bit: number, outside: number }[]} */
  const open = [];
  let length = 0;
  let set = 0;
  for (let at = start; at < end; ) {
    let point = document[at];
    let size = 1;
    if (point === 0x3e) {
      return undefined;
    }
    if (point === 0x26 || point === 0x3c) {
      const token = tokenAt(document, at, end);
      size = token.length;
      const opened = OPEN.get(token);
      const closed = CLOSE.get(token);
      if (opened !== undefined || closed !== undefined) {
        if (opened !== undefined) {
          open.push({ bit: opened, outside: set });
          set |= opened;
        } else {
          const last = open.pop();
          if (last?.bit !== closed) {
            return undefined;
          }
          set = /** @type {{ outside: number }} */ (last).outside;
        }
        at += size;
        continue;
      }
      const escaped = ESCAPES.get(token);
      if (escaped === undefined) {
        return undefined;
      }
      point = escaped;
    }
    points[length] = point;
    tags[length] = set;
    origin[length] = at;
    length += 1;
    at += size;
  }
  if (open.length > 0) {
    return undefined;
  }
  return { points: points.subarray(0, length), tags: tags.subarray(0, length), origin: origin.subarray(0, length) };
}

/**
 * What stands there up to the end of a tag or an escape.
 *
 * @param {Uint32Array} document
 * @param {number} at
 * @param {number} end
 */
function tokenAt(document, at, end) {
  let token = "";
  for (let next = at; next < Math.min(end, at + LONGEST_TOKEN); next += 1) {
    token += String.fromCodePoint(document[next]);
    if (document[next] === 0x3e || document[next] === 0x3b) {
      break;
    }
  }
  return token;
}
