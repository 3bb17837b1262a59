// What it is that a reader gave: a bundle, a page, a text, or some other file. Pure, but for the parser.

import { parseBundle } from "../verify/bundle.js";
import { toHex } from "../verify/bytes.js";
import { sha256 } from "../verify/crypto.js";
import { NotaryError } from "../verify/errors.js";
import { pageText, pastedPage, pastedText } from "../verify/pasted.js";
import { canonicalPlain } from "../verify/text.js";

/** @typedef {import("../verify/bundle.js").Bundle} Bundle */
/** @typedef {import("../verify/pasted.js").Pasted} Pasted */
/** @typedef {import("../verify/copies.js").ParsePage} ParsePage */

/**
 * @typedef {object} Given
 * @property {"paste" | "file" | "url"} from
 * @property {string} [html] formatted text, as the clipboard has it
 * @property {Uint8Array} [bytes]
 * @property {string} [name] of a file
 * @property {string} [type] what its server says it is
 * @property {string} [url]
 *
 * @typedef {object} Held
 * @property {"bundle" | "page" | "text" | "file"} kind
 * @property {Given["from"]} from
 * @property {string} [url]
 * @property {Bundle} [bundle]
 * @property {Uint8Array} bytes
 * @property {string} [charset]
 * @property {Pasted} [pasted]
 * @property {string[]} digests by which it may be found: of the canonical text, of the bytes
 */

export const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** Why it cannot be checked: the key of a string, and its values. */
export class Unheld extends Error {
  /**
   * @param {string} key
   * @param {{ [name: string]: unknown }} [values]
   */
  constructor(key, values = {}) {
    super(key);
    this.key = key;
    this.values = values;
  }
}

/**
 * @param {Given} given
 * @param {ParsePage} parse
 * @returns {Held}
 * @throws {Unheld | NotaryError}
 */
export function readGiven({ from, html, bytes = new Uint8Array(), name = "", type = "", url }, parse) {
  if (html !== undefined) {
    return withDigests({ kind: "page", from, bytes, digests: [], pasted: pastedPage(html, parse) });
  }
  if (bytes.length === 0) {
    throw new Unheld("cannot.empty");
  }
  const start = startOf(bytes);
  const named = /\.bundle\.json$/i.test(name);
  if (named || /^\{\s*"/.test(start)) {
    const bundle = bundleIn(bytes, named, start);
    if (bundle !== undefined) {
      return { kind: "bundle", from, bytes, bundle, digests: [] };
    }
  }
  if (/^(?:From|MIME-Version|Content-Type): /im.test(start) && /^Content-Type: multipart\/related/im.test(start)) {
    throw new Unheld("cannot.archive");
  }
  const held = { from, url, bytes, digests: [] };
  if (isPage(name, type, start)) {
    const charset = /charset\s*=\s*"?([^\s;"]+)/i.exec(type)?.[1];
    return withDigests({ ...held, kind: "page", charset, pasted: pastedPage(pageText(bytes, charset ?? null), parse) });
  }
  if (bytes.subarray(0, 4096).includes(0) && !isUtf16(bytes)) {
    return withDigests({ ...held, kind: "file" });
  }
  return withDigests({ ...held, kind: "text", pasted: pastedText(bytes) });
}

/**
 * @param {Uint8Array} bytes
 * @param {boolean} named whether it is named as one
 * @param {string} start
 */
function bundleIn(bytes, named, start) {
  try {
    return parseBundle(bytes);
  } catch (error) {
    if (!(error instanceof NotaryError)) {
      throw error;
    }
    if (named || /"notary-bundle\/\d+"/.test(start) || /^\{\s*"(?:anchors|entry)"/.test(start)) {
      const what = /^\s*</.test(start) ? "cannot.page" : "cannot.other";
      throw new Unheld("cannot.not-a-bundle", { what, reason: error.message });
    }
    return undefined;
  }
}

/**
 * @param {string} name
 * @param {string} type
 * @param {string} start
 */
function isPage(name, type, start) {
  if (/html/i.test(type) || /\.(?:x?html?|htm)$/i.test(name)) {
    return true;
  }
  return /^\s*<(?:!doctype\s+html|html|head|body|article|main|div|p|meta|title|\?xml|!--)[\s>-]/i.test(start);
}

/** @param {Uint8Array} bytes */
const isUtf16 = ([first, second]) => (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);

/** @param {Uint8Array} bytes */
function startOf(bytes) {
  const skip = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  let text = "";
  for (const byte of bytes.subarray(skip, skip + 1024)) {
    text += String.fromCharCode(byte);
  }
  return text;
}

/**
 * @param {Held} held
 * @returns {Held}
 */
function withDigests(held) {
  const { kind, bytes } = held;
  const digests = bytes.length > 0 ? [toHex(sha256(bytes))] : [];
  if (kind === "text") {
    try {
      digests.unshift(toHex(sha256(canonicalPlain(bytes).data)));
    } catch (error) {
      // A single line, or one that no text may have: it may be found by its lines all the same.
      if (!(error instanceof NotaryError)) {
        throw error;
      }
    }
  }
  return { ...held, digests: [...new Set(digests)] };
}
