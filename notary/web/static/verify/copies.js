// The reader's copy of an article, and what holding it against a record says: docs/spec/verify.md, check 3.

import { encode, toHex } from "./bytes.js";
import { compare } from "./compare.js";
import { sha256 } from "./crypto.js";
import { InvalidText } from "./errors.js";
import { canonicalPage, linksDigest } from "./html.js";
import { failed, notApplicable, passed, unchecked } from "./outcome.js";
import { readProfile } from "./profile.js";
import { canonicalDocument, canonicalPlain } from "./text.js";

/** @typedef {import("./bundle.js").Bundle} Bundle */
/** @typedef {import("./document.js").CanonicalText} CanonicalText */
/** @typedef {import("./html.js").CanonicalPage} CanonicalPage */
/** @typedef {import("./outcome.js").Outcome} Outcome */
/** @typedef {import("./record.js").Record} Record */
/** @typedef {(text: string) => import("./tree.js").PageElement} ParsePage by the HTML standard, scripting disabled: tree.js */

/**
 * @typedef {object} Copy
 * @property {Uint8Array} bytes
 * @property {"plain" | "canonical" | "html"} kind
 * @property {import("./profile.js").Profile} [profile] to read a page with; by default the bundle's
 * @property {string} [charset] what came with a page over the network
 * @property {Map<string, Uint8Array>} [images] SHA-256 of the files that the reader holds, by the `src` that names them
 *
 * @typedef {object} Reading a copy as it was read
 * @property {CanonicalText} [text]
 * @property {string[]} [uncovered] of a page: what it shows that no digest in the record covers
 * @property {InvalidText} [error] why it has no text
 * @property {boolean} [misfit] whether the profile does not fit the page, which says nothing about the text
 */

// Refusals of what could be read well, but is too little for a text.
const PARTIAL = ["empty-title", "empty-body"];
export const WITH_UNCHECKED = "same-text-with-unchecked";
export const SAME_PAGE = "same-page";

/** @param {Uint8Array} bytes */
const digestOf = (bytes) => toHex(sha256(bytes));

/**
 * The canonical text of the copy, if the record is about a text. Bytes that are the recorded document are taken as they are.
 *
 * @param {Bundle} bundle
 * @param {Copy | undefined} copy
 * @param {ParsePage | undefined} parsePage
 * @returns {Promise<Reading>}
 */
export async function readCopy(bundle, copy, parsePage) {
  const { record } = bundle.entry;
  if (copy === undefined || record.content.kind !== "text") {
    return {};
  }
  try {
    if (copy.kind === "canonical" || digestOf(copy.bytes) === record.content.sha256) {
      return { text: canonicalDocument(copy.bytes) };
    }
    return copy.kind === "plain" ? { text: canonicalPlain(copy.bytes) } : await readPage(bundle, copy, parsePage);
  } catch (error) {
    if (error instanceof InvalidText) {
      return { error };
    }
    throw error;
  }
}

/**
 * @param {Bundle} bundle
 * @param {Copy} copy
 * @param {ParsePage | undefined} parse
 * @returns {Promise<Reading>}
 */
async function readPage(bundle, { bytes, charset, profile, images }, parse) {
  if (parse === undefined) {
    throw new TypeError("a page needs a parser");
  }
  let chosen = profile;
  try {
    chosen ??= profileOf(bundle);
    const page = await canonicalPage({ bytes, charset }, chosen, { parse, sha256, supplied: (src) => images?.get(src) });
    return { text: page, uncovered: await uncoveredBy(page, bundle.entry.record) };
  } catch (error) {
    // A field is named by what is wrong with the profile, or with the page in its light, and by nothing else.
    if (error instanceof InvalidText && error.field !== undefined) {
      return { error, misfit: true };
    }
    throw error;
  }
}

/** @param {Bundle} bundle */
function profileOf({ profile }) {
  if (profile === undefined) {
    const what = "The copy is a page, and there is no profile that says where in it the article is.";
    throw new InvalidText(what, "no-profile", undefined, "profile");
  }
  return readProfile(profile);
}

/**
 * Compares the copy, as readCopy read it, with what was recorded.
 *
 * @param {Bundle} bundle
 * @param {Copy | undefined} copy
 * @param {Reading} reading
 * @returns {Outcome}
 * @throws {InvalidText} where the copy cannot be read as a text: that says nothing about alteration
 */
export function checkCopy(bundle, copy, reading) {
  if (copy === undefined) {
    return notApplicable("no-copy", "No copy was given to compare.");
  }
  const { content } = bundle.entry.record;
  const digest = digestOf(copy.bytes);
  if (content.kind === "file") {
    return digest === content.sha256 && copy.bytes.length === content.size
      ? passed("identical-file", "The copy is byte for byte the recorded file.")
      : failed("changed", "The copy is not the recorded file.");
  }
  if (content.kind === "commitment") {
    return unchecked("not-revealed", "The text is committed to but has not been revealed.");
  }
  if (digest === content.sha256) {
    return passed("identical", "The copy is byte for byte the recorded canonical text.");
  }
  const { text, uncovered } = reading;
  if (text === undefined) {
    return unread(reading, copy);
  }
  const extra = uncovered?.length ? ` Not covered by any digest in the record: ${uncovered.join("; ")}.` : "";
  if (digestOf(text.data) !== content.sha256) {
    return differenceOf(bundle, content.sha256, text, extra);
  }
  if (uncovered === undefined) {
    return passed("same-text", "The copy has the recorded text.");
  }
  return extra === ""
    ? passed(SAME_PAGE, "The page has the recorded text, images and links, and shows nothing else in it.")
    : unchecked(WITH_UNCHECKED, `The copy has the recorded text.${extra}`);
}

/**
 * What a copy without a text comes to.
 *
 * @param {Reading} reading
 * @param {Copy} copy
 */
function unread({ error, misfit }, { kind }) {
  if (error === undefined) {
    throw new TypeError("a reading of a text has a text or an error");
  }
  if (misfit) {
    return unchecked(error.code, `The article could not be found in the page: ${error.message}`);
  }
  // In a page the regions were found: nothing in them is something to compare.
  if (PARTIAL.includes(error.code) || (kind === "html" && error.code === "empty-text")) {
    return failed("changed", `The copy is not the recorded text, but a part of a text at most: ${error.message}`);
  }
  throw error;
}

/**
 * @param {Bundle} bundle
 * @param {string} sha of the recorded text
 * @param {CanonicalText} text
 * @param {string} extra
 */
function differenceOf(bundle, sha, text, extra) {
  const recorded = bundle.text === undefined ? undefined : encode(bundle.text);
  if (recorded === undefined || digestOf(recorded) !== sha) {
    const what = "The copy does not have the recorded text, which is not disclosed for a comparison.";
    return failed("changed", `${what}${extra}`);
  }
  return isTypographyOnly(recorded, text.data)
    ? failed("typography-only", `The copy differs from the recorded text in typography only.${extra}`)
    : failed("changed", `The copy differs from the recorded text.${extra}`);
}

/**
 * @param {Uint8Array} recorded
 * @param {Uint8Array} data
 */
function isTypographyOnly(recorded, data) {
  try {
    return compare(recorded, data) === "typography-only";
  } catch (error) {
    if (error instanceof InvalidText) {
      return false; // the recorded text is none: the check `text` says so
    }
    throw error;
  }
}

const ASIDES = {
  hidden: "text that is hidden",
  ignored: "text that the profile ignores",
  skipped: "text in a control",
  embedded: "embedded content",
};

/**
 * What a reader of the page may see that no digest in the record covers, word for word.
 *
 * @param {CanonicalPage} page
 * @param {Record} record
 */
export async function uncoveredBy({ asides, images, links }, { content, media }) {
  const found = asides.map(({ kind, text }) => `${ASIDES[kind]}: “${text}”`);
  const digests = images.map(({ sha256: digest }) => digest && toHex(digest));
  // The record has each digest once, so it cannot say which of several images one that is there again stands for.
  if (digests.length !== media.length || digests.some((digest, at) => digest !== media[at])) {
    found.push(...images.map(({ src, alt }) => `an image: ${src.slice(0, 200)} “${alt}”`));
    if (images.length === 0) {
      found.push(`the images of the record (${media.length}), none of which is in the page`);
    }
  }
  const linksSha256 = await linksDigest(links, sha256);
  if (linksSha256 !== undefined && !(content.kind === "text" && toHex(linksSha256) === content.linksSha256)) {
    found.push(...links.map(({ href, text }) => `a link: “${text}” to ${href}`));
  }
  return found;
}
