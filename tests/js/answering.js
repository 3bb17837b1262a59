// What the JavaScript makes of a case, in the form of the vectors of docs/spec. Runs in Node.js and in browsers.

import { compare } from "../../notary/web/static/verify/compare.js";
import { decodeHtml } from "../../notary/web/static/verify/encoding.js";
import { canonicalPage } from "../../notary/web/static/verify/html.js";
import { readProfile } from "../../notary/web/static/verify/profile.js";
import { matchAll, parseSelector } from "../../notary/web/static/verify/selectors.js";
import { canonicalDocument, canonicalPlain } from "../../notary/web/static/verify/text.js";
import { isElement } from "../../notary/web/static/verify/tree.js";
import { membersOf } from "./outcome.js";

/** @typedef {import("../../notary/web/static/verify/tree.js").PageElement} PageElement */

/** @typedef {{ parse: (text: string) => PageElement, sha256: (bytes: Uint8Array) => Promise<Uint8Array> | Uint8Array }} Means */

/**
 * @param {any} vector
 * @param {Means} means
 * @returns {Promise<any>}
 */
export async function answer(vector, means) {
  try {
    if ("recorded" in vector) {
      return { difference: compare(encode(vector.recorded), encode(vector.copy)) };
    }
    if ("kind" in vector) {
      const bytes = "input_hex" in vector ? fromHex(vector.input_hex) : encode(vector.input);
      const { data, text, lines } = (vector.kind === "plain" ? canonicalPlain : canonicalDocument)(bytes);
      return { canonical: text, sha256: toHex(await means.sha256(data)), lines: lines.length };
    }
    if ("tree_of" in vector) {
      return await treeOf(vector.tree_of, means);
    }
    if ("selector" in vector) {
      return { ids: idsOf(means.parse(vector.page), vector.selector) };
    }
    return "page" in vector || "page_hex" in vector ? await answerPage(vector, means) : await answerProfile(vector, means);
  } catch (error) {
    return membersOf(error);
  }
}

/**
 * The tree that the parser builds, in one string: to tell a fault of parsers from one of ours.
 *
 * @param {any} vector
 * @param {Means} means
 */
async function treeOf({ page, page_hex, charset }, { parse }) {
  const { text } = decodeHtml(page_hex === undefined ? encode(page) : fromHex(page_hex), charset);
  /** @type {(node: import("../../notary/web/static/verify/tree.js").PageNode) => unknown} */
  const written = (node) =>
    isElement(node) ? [node.name, [...node.attributes].sort(([one], [other]) => (one < other ? -1 : 1)), node.children.map(written)] : node.text;
  return written(parse(text));
}

/** The members of a vector that are an answer. */
const ANSWERS = "canonical sha256 lines difference ids document asides images links error field position".split(" ");

/**
 * What a vector says that the answer is.
 *
 * @param {any} vector
 */
export function expected(vector) {
  return Object.fromEntries(ANSWERS.filter((name) => name in vector).map((name) => [name, vector[name]]));
}

/**
 * @param {PageElement} root
 * @param {string} selector
 */
function idsOf(root, selector) {
  const [found] = matchAll(root, [parseSelector(selector)]);
  return [...found].map(({ attributes }) => attributes.get("id") ?? "");
}

/**
 * @param {any} vector
 * @param {Means} means
 */
async function answerProfile({ profile }, { sha256 }) {
  return { sha256: toHex(await sha256(encode(readProfile(profile).json))) };
}

/**
 * @param {any} vector
 * @param {Means} means
 */
async function answerPage({ page, page_hex, pad = 0, charset, profile, supplied = {}, max_bytes }, { parse, sha256 }) {
  const written = page_hex === undefined ? encode(page) : fromHex(page_hex);
  const bytes = new Uint8Array(written.length + pad).fill(0x20);
  bytes.set(written);
  const made = await canonicalPage({ bytes, charset }, readProfile(profile), {
    parse,
    sha256,
    supplied: (src) => (Object.hasOwn(supplied, src) ? fromHex(supplied[src]) : undefined),
    maxBytes: max_bytes,
  });
  const images = made.images.map(({ src, alt, sha256: digest }) => ({ src, alt, ...(digest && { sha256: toHex(digest) }) }));
  return {
    document: made.text,
    ...(made.asides.length > 0 && { asides: made.asides }),
    ...(images.length > 0 && { images }),
    ...(made.links.length > 0 && { links: made.links }),
  };
}

/** @param {string} text */
const encode = (text) => new TextEncoder().encode(text);

/** @param {string} hex */
const fromHex = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16));

/** @param {Uint8Array} bytes */
const toHex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
