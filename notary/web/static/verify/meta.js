// The words that go with a record and can be erased: docs/spec/record.md §4.

import { concat, encode } from "./bytes.js";
import { sha256 } from "./crypto.js";
import { InvalidRecord } from "./errors.js";
import { canonicalJson } from "./jcs.js";
import { codePointsIn } from "./names.js";
import { Fields } from "./shape.js";

/** @typedef {import("./jcs.js").Json} Json */
/** @typedef {{ [name: string]: Json }} MetaValue */

const MAX_BYTES = 1 << 16;
const MAX_CAPTIONS = 256;
const MAX_CAPTION = 1000;
const MAX_URL = 2048;
const LENGTHS = { publisher: 200, title: 500, author: 500, note: 2000 };
// Controls and line ends; what reorders text; what shows nothing or is no character. Joiners and variation selectors stay.
const FORBIDDEN = new RegExp(
  "[\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180e\\u200b\\u200e\\u200f" +
    "\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ud800-\\udfff\\ue000-\\uf8ff\\ufdd0-\\ufdef\\ufeff\\uffa0\\ufff0-\\uffff" +
    "\\u{1bca0}-\\u{1bca3}\\u{1d173}-\\u{1d17a}\\u{1fffe}\\u{1ffff}\\u{2fffe}\\u{2ffff}\\u{3fffe}-\\u{e00ff}" +
    "\\u{e01f0}-\\u{10ffff}]",
  "u",
);
const OUTER_SPACE = /^[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]|[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]$/;
const LABEL = "[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?";
const URL_FORM = new RegExp(
  `^https?://(?:${LABEL}(?:\\.${LABEL})*\\.?|\\[[0-9A-Fa-f:.]{2,45}\\])(?::([1-9][0-9]{0,4}))?` +
    "(?:[/?#](?:[A-Za-z0-9._~:/?#\\[\\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)?$",
);

/**
 * @param {Json | undefined} value
 * @param {string} [path]
 * @returns {MetaValue}
 * @throws {InvalidRecord} with the field; the codes of Fields, and `forbidden-code-point` with the position, `outer-space`,
 *   `empty-meta`, `meta-too-large`
 */
export function parseMeta(value, path = "meta") {
  const fields = new Fields(value, path, InvalidRecord);
  /** @type {MetaValue} */
  const meta = {};
  for (const [name, length] of Object.entries(LENGTHS)) {
    if (fields.has(name)) {
      meta[name] = readFreeText(fields, name, length);
    }
  }
  if (fields.has("url")) {
    meta.url = readUrl(fields);
  }
  if (fields.has("captions")) {
    meta.captions = readCaptions(fields);
  }
  fields.done();
  if (Object.keys(meta).length === 0) {
    throw new InvalidRecord(`${path} must be left out when it is empty.`, "empty-meta", undefined, path);
  }
  if (canonicalJson(meta).length > MAX_BYTES) {
    throw new InvalidRecord(`${path} has more than ${MAX_BYTES} bytes.`, "meta-too-large", undefined, path);
  }
  return meta;
}

/**
 * @param {MetaValue} meta
 * @param {Uint8Array} salt of 32 bytes
 */
export const metaDigest = (meta, salt) => sha256(concat(encode("notary-meta/1\n"), salt, canonicalJson(meta)));

/**
 * @param {Fields} fields
 * @param {string} name
 * @param {number} maxLength
 */
function readFreeText(fields, name, maxLength) {
  const value = fields.string(name, { maxLength });
  const bad = FORBIDDEN.exec(value);
  if (bad !== null) {
    const point = /** @type {number} */ (bad[0].codePointAt(0)).toString(16).toUpperCase().padStart(4, "0");
    const position = codePointsIn(value.slice(0, bad.index));
    throw fields.fail(name, `holds U+${point}, which is not allowed there`, "forbidden-code-point", position);
  }
  if (OUTER_SPACE.test(value)) {
    throw fields.fail(name, "must not begin or end with white space", "outer-space");
  }
  return value;
}

/** @param {Fields} fields */
function readUrl(fields) {
  const form = "an absolute http or https URL in ASCII, without user name, spaces or control characters";
  const value = fields.string("url", { maxLength: MAX_URL, pattern: URL_FORM, form });
  const [, port] = URL_FORM.exec(value) ?? [];
  if (Number(port ?? 0) > 65535) {
    throw fields.fail("url", "must have a port up to 65535", "out-of-range");
  }
  return value;
}

/** @param {Fields} fields */
function readCaptions(fields) {
  const items = fields.array("captions", MAX_CAPTIONS);
  if (items.length === 0) {
    throw fields.fail("captions", "must be left out when there is none", "wrong-length");
  }
  return items.map((item, index) => {
    const name = `captions[${index}]`;
    return readFreeText(new Fields({ [name]: item }, fields.path, InvalidRecord), name, MAX_CAPTION);
  });
}
