// The canonical text of a page, and what else of it a reader sees (docs/spec/html.md).

import { makeDocument } from "./document.js";
import { decodeHtml } from "./encoding.js";
import { InvalidText } from "./errors.js";
import { checkBeforeParsing } from "./guard.js";
import { select } from "./regions.js";
import { matchAll, parseSelector } from "./selectors.js";
import { Sequence } from "./sequence.js";
import { asciiTrim } from "./style.js";
import { elementsIn } from "./tree.js";
import { Walker } from "./walk.js";
import { tooDeep } from "./walkrules.js";

/** @typedef {import("./document.js").CanonicalText} CanonicalText */
/** @typedef {import("./profile.js").Profile} Profile */
/** @typedef {import("./tree.js").PageElement} PageElement */
/** @typedef {(bytes: Uint8Array) => Promise<Uint8Array> | Uint8Array} Sha256 */

/**
 * @typedef {object} PageParts
 * @property {import("./shown.js").Aside[]} asides
 * @property {{ src: string, alt: string, sha256?: Uint8Array }[]} images
 * @property {import("./walk.js").Link[]} links
 *
 * @typedef {CanonicalText & PageParts} CanonicalPage
 */

export const MAX_PAGE_BYTES = 8 * 1024 * 1024;
const MAX_DEPTH = 500;
const MAX_MATCHING_WORK = 5_000_000;

const [TAB, LF, SPACE] = [0x9, 0xa, 0x20];

/**
 * @param {{ bytes: Uint8Array, charset?: string | null }} page the charset is the one that the transport named
 * @param {Profile} profile
 * @param {object} means
 * @param {(text: string) => PageElement} means.parse by the HTML standard, with scripting disabled: see tree.js
 * @param {Sha256} means.sha256
 * @param {(src: string) => Uint8Array | undefined} [means.supplied] digests of files that whoever asks holds, by `src`
 * @param {number} [means.maxBytes] a lower limit for the document
 * @returns {Promise<CanonicalPage>}
 */
export async function canonicalPage({ bytes, charset = null }, profile, { parse, sha256, supplied, maxBytes }) {
  if (bytes.length > MAX_PAGE_BYTES) {
    throw new InvalidText(`The page has more than ${MAX_PAGE_BYTES} bytes.`, "page-too-large");
  }
  const { text } = decodeHtml(bytes, charset);
  checkBeforeParsing(text);
  const root = parse(text);
  checkTree(root, profile);
  const { regions, ignored } = select(root, profile);
  const walker = new Walker(new Set(regions.values()), ignored);
  const around = [...regions.values()].map((region) => walker.tagsAround(region));
  const sequences = [...regions.values()].map((region, index) => walker.walk(region, around[index]));
  const titled = regions.has("title");
  if (titled) {
    putInOneLine(sequences[0]);
  }
  const document = makeDocument(joined(sequences), (kept) => kept, { titled, page: true, maxBytes });
  const images = walker.images.map(async ({ src, alt, bytes: file, fixed }) => {
    const digest = file !== undefined ? await sha256(file) : fixed ? supplied?.(src) : undefined;
    return { src, alt, ...(digest && { sha256: digest }) };
  });
  const base = walker.links.length + walker.images.length > 0 ? baseOf(root) : [];
  return { ...document, asides: walker.asides, images: await Promise.all(images), links: [...base, ...walker.links] };
}

/**
 * What all addresses of the page are relative to, if it says so: it leads readers elsewhere.
 *
 * @param {PageElement} root
 * @returns {import("./walk.js").Link[]}
 */
function baseOf(root) {
  const [[base]] = matchAll(root, [parseSelector("base[href]")]);
  return base === undefined ? [] : [{ href: asciiTrim(base.attributes.get("href") ?? ""), text: "" }];
}

/**
 * Parsers agree on a tree only up to some depth; and each element is held against each part of the selectors.
 *
 * @param {PageElement} root
 * @param {Profile} profile
 */
function checkTree(root, { regions, ignore }) {
  let elements = 0;
  for (const { depth } of elementsIn(root)) {
    elements += 1;
    if (depth > MAX_DEPTH) {
      throw tooDeep();
    }
  }
  const compounds = [...regions.values(), ...ignore].flat(2).length;
  if (elements * compounds > MAX_MATCHING_WORK) {
    throw new InvalidText("The page has too many elements for so many selectors.", "page-too-complex");
  }
}

/** @param {Sequence} sequence */
function putInOneLine(sequence) {
  for (let at = 0; at < sequence.length; at += 1) {
    if (sequence.points[at] === LF || sequence.points[at] === TAB) {
      sequence.points[at] = SPACE;
    }
  }
}

/** @param {Sequence[]} sequences */
function joined(sequences) {
  const all = new Sequence(sequences.reduce((sum, { length }) => sum + length + 1, 0));
  for (const [index, sequence] of sequences.entries()) {
    if (index > 0) {
      all.push(LF);
    }
    all.append(sequence);
  }
  return all;
}

/**
 * What a record holds of a page's links: `links_sha256`, absent if there are none.
 *
 * @param {import("./walk.js").Link[]} links
 * @param {Sha256} sha256
 */
export async function linksDigest(links, sha256) {
  if (links.length === 0) {
    return undefined;
  }
  const json = JSON.stringify(links.map(({ href, text }) => ({ href, text })));
  return sha256(new TextEncoder().encode(`notary-links/1\n${json}`));
}
