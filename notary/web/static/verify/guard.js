// Pages that no parser should be given, found on the characters (docs/spec/html.md, Reading): the standard's algorithm
// takes time that grows with the square of some counts, and some markup is not read alike by all parsers.

import { InvalidText } from "./errors.js";
import { asciiLower } from "./tree.js";

const MAX_TAGS = 500_000;
const MAX_NESTING_WORK = 500_000_000;
const MAX_FORMATTING_WORK = 2_000_000;
const MAX_ATTRIBUTES = 1000;

const WHITE = "\\t\\n\\f\\r ";
const NAME_ENDS = `(?=[${WHITE}/>]|$)`;
/** Names are cut to more than the longest that is asked for: in `<a<a<a` each one goes to the end. */
const TAG = new RegExp(`<(/?)(?=([A-Za-z][^${WHITE}/>]{0,11}))`, "g");
const NAME_END = new RegExp(`[${WHITE}/>]|$`, "g");
const FORMATTING = new RegExp(`<(?:b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)${NAME_ENDS}[^>]*`, "gi");
const CUT_VALUE = new RegExp(`=[${WHITE}]*(?:"[^"]*|'[^']*)$`);
const VALUE = `"[^"]*(?:"|$)|'[^']*(?:'|$)|[^${WHITE}>"'][^${WHITE}>]*`;
const ATTRIBUTE = new RegExp(`[${WHITE}/]*[^${WHITE}/>][^${WHITE}/>=]*(?:[${WHITE}]*=[${WHITE}]*(?:${VALUE})?)?`, "y");
const UNREAD = new RegExp(`<!--|<script${NAME_ENDS}`, "gi");
const COMMENT = /<!--(?:>|->|[^]*?(?:--!?>|$))/y;
const SCRIPT_END = new RegExp(`</script${NAME_ENDS}`, "gi");
const SELECT = new RegExp(`<select${NAME_ENDS}`, "gi");
const SELECT_END = new RegExp(`</select${NAME_ENDS}`, "gi");
const MARKUP = /<[A-Za-z/!?]/g;
const IN_SELECT = new RegExp(`<(?:/?(?:option|optgroup)|hr)${NAME_ENDS}`, "iy");
const SEARCH = new RegExp(`<search${NAME_ENDS}`, "i");
/** What ends a drawing or formula that is open: start tags of these, and the end tags of p and br. */
const LEAVING =
  "b|big|blockquote|body|br|center|code|dd|div|dl|dt|em|embed|font|h[1-6]|head|hr|i|img|li|listing|menu|meta|nobr|ol|p|pre|" +
  "ruby|s|small|span|strong|strike|sub|sup|table|tt|u|ul|var";
const DRAWN = new RegExp(`<(?:(/?)(svg|math)|(image)|(${LEAVING})|/(?:p|br))${NAME_ENDS}`, "gi");

const FLAT = new Set("br embed hr img li meta p".split(" "));
const FLAT_IN_HTML = new Set(
  "area base col colgroup input link option param source tbody td tfoot th thead tr track wbr".split(" "),
);

/**
 * Refuses the text of a page that must not be parsed.
 *
 * @param {string} text
 */
export function checkBeforeParsing(text) {
  const nul = text.indexOf("\0");
  if (nul >= 0) {
    throw new InvalidText("The page has the code point U+0000.", "forbidden-code-point", codePoints(text, nul));
  }
  const tags = countTags(text);
  checkFormatting(text, tags);
  checkAttributes(text);
  const read = withoutUnread(text);
  const index = firstInSelect(read) ?? firstDrawn(read) ?? read.search(SEARCH);
  if (index >= 0) {
    const position = codePoints(text, index);
    throw new InvalidText(`The page has markup that not all parsers read alike (offset ${position}).`, "page-ambiguous", position);
  }
}

/**
 * @param {string} text
 * @returns {number} how many tags there are
 */
function countTags(text) {
  const drawn = /<(?:svg|math)/i.test(text);
  let [tags, nesting] = [0, 0];
  for (const [, end, name] of text.matchAll(TAG)) {
    const lower = asciiLower(name);
    tags += 1;
    nesting += end || FLAT.has(lower) || (!drawn && FLAT_IN_HTML.has(lower)) ? 0 : 1;
  }
  if (tags > MAX_TAGS || nesting * tags > MAX_NESTING_WORK) {
    throw tooComplex();
  }
  return tags;
}

/**
 * @param {string} text
 * @param {number} tags
 */
function checkFormatting(text, tags) {
  const different = new Set();
  let cut = 0;
  for (const [tag] of text.matchAll(FORMATTING)) {
    if (CUT_VALUE.test(tag)) {
      cut += 1;
    } else {
      different.add(tag);
    }
  }
  if ((different.size + cut) * tags > MAX_FORMATTING_WORK) {
    throw tooComplex();
  }
}

/**
 * What looks like a tag may stand in the value of another one, and so on: what is counted of one is known of the other.
 *
 * @param {string} text
 */
function checkAttributes(text) {
  /** @type {Map<number, number>} how many attributes there are from a place on */
  const known = new Map();
  let read = 0;
  let nameEnd = 0;
  for (const { 1: end, index } of text.matchAll(TAG)) {
    if (end) {
      continue;
    }
    if (index >= nameEnd) {
      NAME_END.lastIndex = index;
      nameEnd = NAME_END.exec(text)?.index ?? text.length;
    }
    if (index >= read) {
      known.clear();
    }
    /** @type {number[]} */
    const passed = [];
    let at = nameEnd;
    while (!known.has(at) && passed.length <= MAX_ATTRIBUTES) {
      ATTRIBUTE.lastIndex = at;
      if (!ATTRIBUTE.test(text)) {
        known.set(at, 0);
        break;
      }
      passed.push(at);
      at = ATTRIBUTE.lastIndex;
    }
    const rest = known.get(at) ?? 0;
    if (passed.length + rest > MAX_ATTRIBUTES) {
      throw tooComplex();
    }
    passed.forEach((place, index) => known.set(place, passed.length - index + rest));
    read = Math.max(read, at);
  }
}

/**
 * The text with spaces in place of comments and scripts.
 *
 * @param {string} text
 */
function withoutUnread(text) {
  const parts = [];
  let at = 0;
  UNREAD.lastIndex = 0;
  for (let found = UNREAD.exec(text); found !== null; found = UNREAD.exec(text)) {
    const end = endOfUnread(text, found.index, found[0]);
    parts.push(text.slice(at, found.index), " ".repeat(end - found.index));
    at = end;
    UNREAD.lastIndex = end;
  }
  return parts.join("") + text.slice(at);
}

/**
 * @param {string} text
 * @param {number} start
 * @param {string} opening
 */
function endOfUnread(text, start, opening) {
  if (opening === "<!--") {
    COMMENT.lastIndex = start;
    COMMENT.test(text);
    return COMMENT.lastIndex;
  }
  SCRIPT_END.lastIndex = start;
  return SCRIPT_END.exec(text)?.index ?? text.length;
}

/**
 * Where the first markup stands that a `select` should not have.
 *
 * @param {string} text
 */
function firstInSelect(text) {
  let until = 0;
  for (const select of text.matchAll(SELECT)) {
    const begin = Math.max(until, select.index + select[0].length);
    SELECT_END.lastIndex = begin;
    until = SELECT_END.exec(text)?.index ?? text.length;
    MARKUP.lastIndex = begin;
    for (let found = MARKUP.exec(text); found !== null && found.index < until; found = MARKUP.exec(text)) {
      IN_SELECT.lastIndex = found.index;
      if (!IN_SELECT.test(text)) {
        return found.index;
      }
    }
  }
  return undefined;
}

/**
 * Where the first tag stands that is read in two ways in or outside of drawings and formulas.
 *
 * @param {string} text
 */
function firstDrawn(text) {
  let inside = "";
  let drawing = "";
  for (const { 1: end, 2: name, 3: image, 4: leaving, index } of text.matchAll(DRAWN)) {
    if (name !== undefined) {
      inside = end ? "" : asciiLower(name);
      drawing = inside;
    } else if (image !== undefined ? drawing !== "svg" : inside !== "" && asciiLower(leaving ?? "") === "sup") {
      return index;
    } else if (image === undefined) {
      drawing = "";
    }
  }
  return undefined;
}

/**
 * @param {string} text
 * @param {number} index in UTF-16 code units
 */
const codePoints = (text, index) => [...text.slice(0, index)].length;

function tooComplex() {
  return new InvalidText("The page is too intricate to be read safely.", "page-too-complex");
}
