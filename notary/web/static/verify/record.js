// What is claimed about one revision of an article: docs/spec/record.md §2 and §5.

import { concat, encode } from "./bytes.js";
import { MAX_ORIGIN_LENGTH, ORIGIN } from "./checkpoint.js";
import { sha256 } from "./crypto.js";
import { InvalidRecord } from "./errors.js";
import { canonicalJson, MAX_INTEGER } from "./jcs.js";
import { Fields } from "./shape.js";

/** @typedef {import("./jcs.js").Json} Json */
/** @typedef {"original" | "correction" | "update" | "retraction"} Status */

/**
 * Digests and addresses are hex digits in lower case, without 0x.
 *
 * @typedef {object} TextDigest
 * @property {"text"} kind
 * @property {string} sha256
 * @property {number} lines
 * @property {string} linesRoot
 * @property {string} [profileSha256]
 * @property {string} [linksSha256]
 *
 * @typedef {{ kind: "file", sha256: string, size: number, type: string }} FileDigest
 * @typedef {{ kind: "commitment", sha256: string, revealBy: string }} Commitment
 * @typedef {TextDigest | FileDigest | Commitment} Content
 *
 * @typedef {object} Record
 * @property {string} origin
 * @property {{ id: string, key?: string }} publisher
 * @property {Status} status
 * @property {Content} content
 * @property {string} [document]
 * @property {{ origin: string, leaf: string }} [previous]
 * @property {string} [language]
 * @property {string} [published]
 * @property {string[]} media
 * @property {string} [metaSha256]
 * @property {Uint8Array} bytes in canonical form
 */

const SPEC = "notary-record/1";
export const MAX_TIME = 253_402_300_799_999;
const MAX_MEDIA = 256;
const MAX_LINES = 1 << 21;
export const PUBLISHER = /^[a-z0-9][a-z0-9-]{0,62}$/;
export const DOCUMENT = /^[A-Za-z0-9][A-Za-z0-9._:/~-]{0,127}$/;

const ZERO_ADDRESS = "0".repeat(40);
const STATUSES = /** @type {Status[]} */ (["original", "correction", "update", "retraction"]);
const DIGEST = /^[0-9a-f]{64}$/;
// RFC 5646 §2.1, well-formed, in the letter case of its §2.1.1: one spelling for each tag.
const LANGUAGE = new RegExp(
  "^[a-z]{2,3}(?:-[a-z]{3}){0,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?" +
    "(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(?:-[a-wy-z0-9](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?$",
);
const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/;
const TIME = new RegExp(
  "^([12][0-9]{3})-([0-9]{2})-([0-9]{2})T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,9})?" +
    "(?:Z|(?!-00:00)[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])$",
);

/**
 * @param {Json | undefined} value
 * @param {string} [path]
 * @returns {Record}
 * @throws {InvalidRecord} with the field; the codes of Fields, and `not-a-date`, `content-count`, `zero-key`, `duplicate`,
 *   `unexpected-field`, `document-required`, `previous-required`, `unexpected-previous`
 */
export function parseRecord(value, path = "record") {
  const fields = new Fields(value, path, InvalidRecord);
  fields.constant("spec", SPEC);
  const read = {
    origin: readOrigin(fields),
    publisher: readPublisher(fields.child("publisher")),
    status: readStatus(fields),
    content: readContent(fields),
    document: fields.optional("document", (name) => fields.string(name, { pattern: DOCUMENT, maxLength: 128 })),
    previous: fields.optional("previous", (name) => readPrevious(fields.child(name))),
    language: fields.optional("language", (name) => readLanguage(fields, name)),
    published: fields.optional("published", (name) => readTime(fields, name)),
    media: fields.optional("media", (name) => readMedia(fields, name)) ?? [],
    metaSha256: fields.optional("meta_sha256", (name) => fields.hex(name, { size: 32 })),
  };
  fields.done();
  checkRevision(fields, read);
  return { ...read, bytes: canonicalJson(/** @type {Json} */ (value)) };
}

/**
 * What a publisher signs, and what makes a submission the same as another.
 *
 * @param {Record} record
 */
export const recordDigest = ({ bytes }) => sha256(concat(encode(`${SPEC}\n`), bytes));

/** @param {Fields} fields */
export const readOrigin = (fields) => fields.string("origin", { pattern: ORIGIN, maxLength: MAX_ORIGIN_LENGTH });

/** @param {Fields} fields */
function readPublisher(fields) {
  const id = fields.string("id", { pattern: PUBLISHER, maxLength: 63 });
  const key = fields.optional("key", (name) => fields.hex(name, { size: 20, prefix: "0x" }));
  fields.done();
  if (key === ZERO_ADDRESS) {
    // What Ethereum's ecrecover answers for a bad signature: no verifier shall take it for a publisher.
    throw fields.fail("key", "must not be the zero address", "zero-key");
  }
  return key === undefined ? { id } : { id, key };
}

/** @param {Fields} fields */
function readStatus(fields) {
  const name = fields.string("status");
  const status = STATUSES.find((known) => known === name);
  if (status === undefined) {
    throw fields.fail("status", `must be one of ${STATUSES.join(", ")}`, "wrong-form");
  }
  return status;
}

/**
 * @param {Fields} fields
 * @returns {Content}
 */
function readContent(fields) {
  const kinds = /** @type {const} */ (["text", "file", "commitment"]);
  const [kind, ...others] = kinds.filter((name) => fields.has(name));
  if (kind === undefined || others.length > 0) {
    const { path } = fields;
    throw new InvalidRecord(`${path} must have exactly one of ${kinds.join(", ")}.`, "content-count", undefined, path);
  }
  const child = fields.child(kind);
  const content = kind === "text" ? readText(child) : kind === "file" ? readFile(child) : readCommitment(child);
  child.done();
  return content;
}

/**
 * @param {Fields} fields
 * @returns {TextDigest}
 */
function readText(fields) {
  const digest = (/** @type {string} */ name) => fields.hex(name, { size: 32 });
  const sha = digest("sha256");
  const lines = fields.integer("lines", 1, MAX_LINES);
  const linesRoot = digest("lines_root");
  const profileSha256 = fields.optional("profile_sha256", digest);
  const linksSha256 = fields.optional("links_sha256", digest);
  if (linksSha256 !== undefined && profileSha256 === undefined) {
    throw fields.fail("links_sha256", "has no place without profile_sha256", "unexpected-field");
  }
  return { kind: "text", sha256: sha, lines, linesRoot, profileSha256, linksSha256 };
}

/**
 * @param {Fields} fields
 * @returns {FileDigest}
 */
function readFile(fields) {
  const sha = fields.hex("sha256", { size: 32 });
  const size = fields.integer("size", 1, MAX_INTEGER);
  const type = fields.string("type", { pattern: MEDIA_TYPE, form: "a media type in lower case, like application/pdf" });
  return { kind: "file", sha256: sha, size, type };
}

/**
 * @param {Fields} fields
 * @returns {Commitment}
 */
function readCommitment(fields) {
  return { kind: "commitment", sha256: fields.hex("sha256", { size: 32 }), revealBy: readTime(fields, "reveal_by") };
}

/** @param {Fields} fields */
function readPrevious(fields) {
  const previous = { origin: readOrigin(fields), leaf: fields.hex("leaf", { size: 32 }) };
  fields.done();
  return previous;
}

/**
 * @param {Fields} fields
 * @param {string} name
 */
function readLanguage(fields, name) {
  const form = "a BCP 47 tag in its recommended letter case, like en, zh-Hans or pt-BR";
  return fields.string(name, { pattern: LANGUAGE, maxLength: 63, form });
}

/**
 * @param {Fields} fields
 * @param {string} name
 */
function readTime(fields, name) {
  const form = "a time with its offset, like 2025-03-05T09:30:00+08:00 (RFC 3339)";
  const value = fields.string(name, { pattern: TIME, form });
  const [year, month, day] = value.slice(0, 10).split("-").map(Number);
  // The day before the first of the next month; Date counts months from 0.
  if (month < 1 || month > 12 || day < 1 || day > new Date(Date.UTC(year, month, 0)).getUTCDate()) {
    throw fields.fail(name, "must be on a day that exists", "not-a-date");
  }
  return value;
}

/**
 * @param {Fields} fields
 * @param {string} name
 */
function readMedia(fields, name) {
  const digests = fields.array(name, MAX_MEDIA).map((item, index) => {
    if (typeof item !== "string" || !DIGEST.test(item)) {
      throw fields.fail(`${name}[${index}]`, "must be 64 lower-case hex digits", "wrong-form");
    }
    return item;
  });
  if (digests.length === 0) {
    throw fields.fail(name, "must be left out when there is none", "wrong-length");
  }
  if (new Set(digests).size !== digests.length) {
    throw fields.fail(name, "names a digest twice", "duplicate");
  }
  return digests;
}

/**
 * @param {Fields} fields
 * @param {{ status: Status, document?: string, previous?: object }} record
 */
function checkRevision(fields, { status, document, previous }) {
  if (status === "original") {
    if (previous !== undefined) {
      throw fields.fail("previous", "has no place in an original", "unexpected-previous");
    }
    return;
  }
  if (document === undefined) {
    throw fields.fail("document", `is required in a ${status}`, "document-required");
  }
  if (previous === undefined) {
    throw fields.fail("previous", `is required in a ${status}`, "previous-required");
  }
}
