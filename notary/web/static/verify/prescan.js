// What a page says about its encoding: the HTML standard's prescan of the first 1024 bytes. docs/spec/encoding.md.
//
// Bytes are looked at as a string of characters U+0000 to U+00FF. The names returned are those of the Encoding standard
// in lower case. A declaration with a label that the standard does not know is none, as in browsers; one that names an
// encoding that is not decoded here is a declaration all the same.

import { LABELS } from "./encodingtables.js";

const PRESCAN_BYTES = 1024;
// How often the bytes of a page are read again because a tag that does not end was begun before them.
const MAX_READINGS = 4;

const CONSTRUCT = /<(?:(?<comment>!--)|(?<meta>meta)(?=[\t\n\f\r /])|(?<tag>\/?[a-z])|[!/?])/gi;
const TAG_NAME_END = /[\t\n\f\r >]/g;
// The standard's "get an attribute". What does not match runs out of bytes, which ends the prescan.
const ATTRIBUTE = new RegExp(
  "[\\t\\n\\f\\r /]*(?:(?<end>>)|(?<name>[^\\t\\n\\f\\r />][^\\t\\n\\f\\r />=]*)(?:" +
    "[\\t\\n\\f\\r ]*=[\\t\\n\\f\\r ]*(?:\"(?<double>[^\"]*)\"|'(?<single>[^']*)'" +
    "|(?<bare>[^\\t\\n\\f\\r >\"'][^\\t\\n\\f\\r >]*)(?=[\\t\\n\\f\\r >])|(?=>))" +
    "|(?=[/>]|[\\t\\n\\f\\r ]+[^\\t\\n\\f\\r =])))",
  "y",
);
const CHARSET_IN_CONTENT = /charset[\t\n\f\r ]*=[\t\n\f\r ]*/g;
const CHARSET_VALUE = /"([^"]*)"|'([^']*)'|([^\t\n\f\r ;"'][^\t\n\f\r ;]*)/y;
const META = /<meta(?=[\t\n\f\r /])/gi;
const XML_VALUE = /[\0- ]*=[\0- ]*(?:"([^"\0- ]+)"|'([^'\0- ]+)')/y;

/** @type {Map<string, string>} */
const NAMES = new Map();
for (const [name, labels] of Object.entries(LABELS)) {
  for (const label of labels.split(" ")) {
    NAMES.set(label, name);
  }
}

/**
 * The encoding that the first 1024 bytes declare, as browsers find it before they parse; null if none.
 *
 * @param {string} page
 * @returns {string | null}
 */
export function prescan(page) {
  const head = page.slice(0, PRESCAN_BYTES);
  if (head.startsWith("<\0?\0x\0")) {
    return "utf-16le";
  }
  if (head.startsWith("\0<\0?\0x")) {
    return "utf-16be";
  }
  return firstMeta(head) ?? xmlDeclaration(head);
}

/**
 * The encoding of every declaration anywhere in a page, be it in a comment, a script or in plain sight.
 *
 * Yields null, and ends, where broken `meta` tags that run into each other would take too long to read.
 *
 * @param {string} page
 * @returns {Generator<string | null, void>}
 */
export function* declarations(page) {
  const inXml = xmlDeclaration(page.slice(0, PRESCAN_BYTES));
  if (inXml !== null) {
    yield inXml;
  }
  let budget = MAX_READINGS * page.length;
  for (const match of page.matchAll(META)) {
    const { named, end } = meta(page, match.index + match[0].length);
    budget -= (end ?? page.length) - match.index;
    if (budget < 0) {
      yield null;
      return;
    }
    if (named !== null) {
      yield named;
    }
  }
}

/**
 * The standard's name for an encoding, null for a label that it does not know.
 *
 * @param {string} label
 * @returns {string | null}
 */
export function lookup(label) {
  let start = 0;
  let end = label.length;
  while (start < end && isSpace(label, start)) {
    start += 1;
  }
  while (start < end && isSpace(label, end - 1)) {
    end -= 1;
  }
  // Not all of toLowerCase: there are letters outside ASCII whose lower case is in it.
  return NAMES.get(label.slice(start, end).replace(/[A-Z]+/g, (letters) => letters.toLowerCase())) ?? null;
}

/**
 * @param {string} text
 * @param {number} at
 */
function isSpace(text, at) {
  return "\t\n\f\r ".includes(text.charAt(at));
}

/**
 * @param {string} head
 * @returns {string | null}
 */
function firstMeta(head) {
  let position = 0;
  for (;;) {
    CONSTRUCT.lastIndex = position;
    const match = CONSTRUCT.exec(head);
    if (match === null || match.groups === undefined) {
      return null;
    }
    /** @type {number | null} */
    let after;
    if (match.groups.comment !== undefined) {
      // The dashes that open a comment may close it.
      after = behind(head, "-->", match.index + 2);
    } else if (match.groups.meta !== undefined) {
      const { named, end } = meta(head, CONSTRUCT.lastIndex);
      if (named !== null) {
        return named;
      }
      after = end;
    } else if (match.groups.tag !== undefined) {
      after = skipTag(head, match.index);
    } else {
      after = behind(head, ">", match.index);
    }
    if (after === null) {
      return null;
    }
    position = after;
  }
}

/**
 * @param {string} text
 * @param {string} what
 * @param {number} from
 */
function behind(text, what, from) {
  const found = text.indexOf(what, from);
  return found < 0 ? null : found + what.length;
}

/**
 * @param {string} text
 * @param {number} position
 * @returns {number | null}
 */
function skipTag(text, position) {
  TAG_NAME_END.lastIndex = position;
  const name = TAG_NAME_END.exec(text);
  if (name === null) {
    return null;
  }
  for (let after = name.index; ;) {
    const found = attribute(text, after);
    if (found === null) {
      return null;
    }
    after = found.after;
    if (found.end !== undefined) {
      return after;
    }
  }
}

/**
 * @param {string} text
 * @param {number} position
 */
function attribute(text, position) {
  ATTRIBUTE.lastIndex = position;
  const match = ATTRIBUTE.exec(text);
  if (match === null || match.groups === undefined) {
    return null;
  }
  const { end, name, double, single, bare } = match.groups;
  const value = double || single || bare || "";
  // Characters up to U+00FF have a lower case in ASCII only where they are in ASCII.
  return { end, name: (name ?? "").toLowerCase(), value: value.toLowerCase(), after: ATTRIBUTE.lastIndex };
}

/**
 * What the `meta` tag declares whose attributes begin here, and where it ends (null: it does not).
 *
 * @param {string} text
 * @param {number} position
 * @returns {{ named: string | null, end: number | null }}
 */
function meta(text, position) {
  const seen = new Set();
  let pragma = false;
  /** @type {boolean | null} */
  let needsPragma = null;
  /** @type {string | null} */
  let named = null;
  let decided = false;
  for (;;) {
    const found = attribute(text, position);
    if (found === null) {
      return { named: null, end: null };
    }
    position = found.after;
    if (found.end !== undefined) {
      break;
    }
    if (seen.has(found.name)) {
      continue;
    }
    seen.add(found.name);
    if (found.name === "http-equiv") {
      pragma ||= found.value === "content-type";
    } else if (found.name === "content" && !decided) {
      const inContent = content(found.value);
      if (inContent !== null) {
        [named, needsPragma, decided] = [inContent, true, true];
      }
    } else if (found.name === "charset") {
      [named, needsPragma, decided] = [lookup(found.value), false, true];
    }
  }
  const counts = needsPragma !== null && (!needsPragma || pragma);
  return { named: counts ? asDeclared(named) : null, end: position };
}

/**
 * The encoding in the `content` of a `meta` element.
 *
 * @param {string} value
 * @returns {string | null}
 */
function content(value) {
  CHARSET_IN_CONTENT.lastIndex = 0;
  if (CHARSET_IN_CONTENT.exec(value) === null) {
    return null;
  }
  CHARSET_VALUE.lastIndex = CHARSET_IN_CONTENT.lastIndex;
  const found = CHARSET_VALUE.exec(value);
  return found === null ? null : lookup(found[1] || found[2] || found[3] || "");
}

/**
 * @param {string} head
 * @returns {string | null}
 */
function xmlDeclaration(head) {
  const end = head.startsWith("<?xml") ? head.indexOf(">") : -1;
  const declaration = head.slice(0, Math.max(end, 0));
  const start = declaration.indexOf("encoding");
  if (start < 0) {
    return null;
  }
  XML_VALUE.lastIndex = start + "encoding".length;
  const found = XML_VALUE.exec(declaration);
  return found === null ? null : asDeclared(lookup(found[1] ?? found[2] ?? ""), true);
}

/**
 * @param {string | null} named
 * @param {boolean} [inXml]
 * @returns {string | null}
 */
function asDeclared(named, inXml = false) {
  // Bytes in which this declaration could be read are not UTF-16.
  if (named === "utf-16le" || named === "utf-16be") {
    return "utf-8";
  }
  return named === "x-user-defined" && !inXml ? "windows-1252" : named;
}
