// What is logged: a record, the publisher's signature if there is one, and the log's time. docs/spec/record.md §6.

import { toHex } from "./bytes.js";
import { InvalidRecord, MalformedJson } from "./errors.js";
import { canonicalJson, parseExactJson } from "./jcs.js";
import { parseManifest } from "./manifest.js";
import { leafHash } from "./merkle.js";
import { MAX_TIME, parseRecord } from "./record.js";
import { Fields } from "./shape.js";

/** @typedef {import("./jcs.js").Json} Json */

/**
 * @typedef {object} Entry
 * @property {"entry"} kind
 * @property {import("./record.js").Record} record
 * @property {string} [signature] 130 hex digits
 * @property {number} time
 * @property {string} leafHash hex digits
 *
 * @typedef {{ kind: "manifest", manifest: import("./manifest.js").Manifest, leafHash: string }} ManifestLeaf
 */

const SPEC = "notary-entry/1";
const MANIFEST_SPEC = "notary-manifest/1";
const MAX_LEAF_BYTES = 65_535;

/**
 * The entry or manifest whose canonical bytes these are.
 *
 * @param {Uint8Array} bytes
 * @returns {Entry | ManifestLeaf}
 * @throws {MalformedJson} for anything but canonical JSON of at most 65,535 bytes
 * @throws {InvalidRecord} `unknown-version`, and the codes of records and manifests
 */
export function parseLeaf(bytes) {
  const value = parseExactJson(bytes, MAX_LEAF_BYTES);
  if (bytes.at(-1) === 0x0a) {
    // Files may end in LF; a leaf is hashed, so it has one spelling.
    throw new MalformedJson("A leaf must not end in a line feed.", "json-not-canonical", bytes.length - 1);
  }
  return leafOf(value);
}

/**
 * The entry or manifest that a JSON value is.
 *
 * @param {Json} value
 * @returns {Entry | ManifestLeaf}
 */
export function leafOf(value) {
  const bytes = canonicalJson(value);
  if (bytes.length > MAX_LEAF_BYTES) {
    throw new MalformedJson(`The JSON has ${bytes.length} bytes; the limit is ${MAX_LEAF_BYTES}.`, "json-too-large");
  }
  const hash = toHex(leafHash(bytes));
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  if (isObject && value.spec === MANIFEST_SPEC) {
    return { kind: "manifest", manifest: parseManifest(value), leafHash: hash };
  }
  return { kind: "entry", ...readEntry(new Fields(value, "entry", InvalidRecord)), leafHash: hash };
}

/** @param {Fields} fields */
function readEntry(fields) {
  fields.constant("spec", SPEC);
  const record = parseRecord(fields.take("record"), `${fields.path}.record`);
  const signature = fields.optional("signature", (name) => fields.hex(name, { size: 65 }));
  const time = fields.integer("time", 0, MAX_TIME);
  fields.done();
  if (signature === undefined && record.publisher.key !== undefined) {
    throw fields.fail("signature", "is required, as the record names a key", "signature-missing");
  }
  if (signature !== undefined && record.publisher.key === undefined) {
    throw fields.fail("signature", "has no place, as the record names no key", "signature-without-key");
  }
  return { record, signature, time };
}
