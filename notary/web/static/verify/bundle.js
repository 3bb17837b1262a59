// The one file that holds all that is needed to verify an entry with the operator gone: docs/spec/bundle.md.

import { encode, fromHex } from "./bytes.js";
import { leafOf } from "./entry.js";
import { InvalidBundle, InvalidInput } from "./errors.js";
import { canonicalJson, MAX_INTEGER, parseExactJson } from "./jcs.js";
import { parseMeta } from "./meta.js";
import { Fields } from "./shape.js";
import { parseTlogProof } from "./tlogproof.js";

/** @typedef {import("./entry.js").Entry} Entry */
/** @typedef {import("./jcs.js").Json} Json */
/** @typedef {import("./tlogproof.js").TlogProof} TlogProof */

/**
 * @typedef {object} ReceiptAnchor
 * @property {number} chainId
 * @property {string} registry hex digits
 * @property {string} logId hex digits
 * @property {TlogProof} proof
 * @property {Uint8Array} header
 * @property {number} transactionIndex
 * @property {number} logPosition
 * @property {Uint8Array[]} nodes
 *
 * @typedef {object} StorageAnchor what nothing but the registry's storage shows, asked online
 * @property {number} chainId
 * @property {string} registry hex digits
 * @property {string} logId hex digits
 * @property {TlogProof} proof
 * @property {bigint} block since which the registry holds the checkpoint
 * @property {bigint} time of that block
 *
 * @typedef {ReceiptAnchor | StorageAnchor} Anchor
 *
 * @typedef {{ entry: Entry, proof: TlogProof }} Later
 *
 * @typedef {object} Bundle
 * @property {Entry} entry
 * @property {Anchor[]} anchors
 * @property {string} [text]
 * @property {{ salt: Uint8Array, value: import("./meta.js").MetaValue }} [meta]
 * @property {Json} [profile]
 * @property {TlogProof} [proof]
 * @property {{ statement: Uint8Array, later: Later[] }} [current]
 */

const SPEC = "notary-bundle/1";
// For bundles with a storage-only anchor, and for no others: a bundle has one form.
const SPEC_STORAGE = "notary-bundle/2";
const MAX_BYTES = 16 << 20;
const MAX_ANCHORS = 16;
const MAX_LATER = 1000;
const MAX_NODES = 64;
const MAX_PROOF = 1 << 16;
const MAX_STATEMENT = 1 << 14;

/**
 * @param {Anchor} anchor
 * @returns {anchor is StorageAnchor}
 */
export const isStored = (anchor) => "block" in anchor;

/**
 * What is claimed, of which nothing is verified.
 *
 * @param {Uint8Array} bytes
 * @returns {Bundle}
 * @throws {InvalidBundle} for everything that is not byte for byte a bundle, its parts included
 */
export function parseBundle(bytes) {
  try {
    return readBundle(parseExactJson(bytes, MAX_BYTES));
  } catch (error) {
    if (error instanceof InvalidInput && !(error instanceof InvalidBundle)) {
      throw new InvalidBundle(`Not a bundle: ${error.message}`, error.code, error.position, error.field);
    }
    throw error;
  }
}

/**
 * @param {Json} value
 * @returns {Bundle}
 */
function readBundle(value) {
  const top = new Fields(value, "bundle", InvalidBundle);
  const spec = top.oneOf("spec", [SPEC, SPEC_STORAGE]);
  const entry = readEntry(top);
  const items = top.array("anchors", MAX_ANCHORS);
  const bundle = {
    entry,
    anchors: items.map((item, index) => readAnchor(item, index, spec)),
    text: top.optional("text", (name) => top.string(name, { maxLength: MAX_BYTES })),
    meta: top.optional("meta", (name) => readMeta(top.child(name))),
    profile: top.optional("profile", () => readProfile(top)),
    proof: top.optional("proof", () => readProof(top)),
    current: top.optional("current", (name) => readCurrent(top.child(name))),
  };
  top.done();
  if (spec === SPEC_STORAGE && !bundle.anchors.some(isStored)) {
    throw top.fail("spec", `must be "${SPEC}" where no anchor is storage-only`, "unknown-version");
  }
  // Each value has one form, so two anchors are the same if they are written the same.
  if (new Set(items.map((item) => String(canonicalJson(item)))).size !== items.length) {
    throw top.fail("anchors", "holds the same anchor twice", "duplicate");
  }
  if (bundle.proof !== undefined && items.length > 0) {
    throw top.fail("proof", "has no place beside anchors, which carry their own", "unexpected-field");
  }
  return bundle;
}

/**
 * The entry stands there as an object: its canonical form is unique, so those are the logged bytes.
 *
 * @param {Fields} fields
 */
function readEntry(fields) {
  const leaf = leafOf(fields.take("entry"));
  if (leaf.kind !== "entry") {
    throw fields.fail("entry", "is a manifest", "not-an-entry");
  }
  return leaf;
}

/**
 * @param {Json} value
 * @param {number} index
 * @param {string} spec
 * @returns {Anchor}
 */
function readAnchor(value, index, spec) {
  const fields = new Fields(value, `bundle.anchors[${index}]`, InvalidBundle);
  if (spec === SPEC_STORAGE && fields.has("block")) {
    return readStorageAnchor(fields);
  }
  const receipt = fields.child("receipt");
  const anchor = {
    chainId: fields.integer("chain_id", 1, MAX_INTEGER),
    registry: fields.hex("registry", { size: 20, prefix: "0x" }),
    logId: fields.hex("log_id", { size: 32, prefix: "0x" }),
    proof: readProof(fields),
    header: fromHex(fields.hex("header", { prefix: "0x" })),
    transactionIndex: receipt.integer("index", 0, MAX_INTEGER),
    logPosition: receipt.integer("log", 0, MAX_INTEGER),
    nodes: receipt.array("nodes", MAX_NODES).map((nodes) => readNode(new Fields({ nodes }, receipt.path, InvalidBundle))),
  };
  receipt.done();
  fields.done();
  return anchor;
}

/**
 * @param {Fields} fields
 * @returns {StorageAnchor}
 */
function readStorageAnchor(fields) {
  const anchor = {
    chainId: fields.integer("chain_id", 1, MAX_INTEGER),
    registry: fields.hex("registry", { size: 20, prefix: "0x" }),
    logId: fields.hex("log_id", { size: 32, prefix: "0x" }),
    proof: readProof(fields),
    block: BigInt(fields.integer("block", 1, MAX_INTEGER)),
    time: BigInt(fields.integer("time", 0, MAX_INTEGER)),
  };
  fields.done();
  return anchor;
}

/** @param {Fields} fields */
const readNode = (fields) => fromHex(fields.hex("nodes", { prefix: "0x" }));

/** @param {Fields} fields */
function readProof(fields) {
  const proof = parseTlogProof(encode(fields.string("proof", { maxLength: MAX_PROOF })));
  if (proof.extra !== undefined) {
    // Nobody signs the extra line: a bundle holds nothing that is not authenticated.
    throw fields.fail("proof", "must not have an extra line", "unauthenticated");
  }
  return proof;
}

/** @param {Fields} fields */
function readMeta(fields) {
  const meta = { salt: fromHex(fields.hex("salt", { size: 32 })), value: parseMeta(fields.take("value")) };
  fields.done();
  return meta;
}

/** @param {Fields} top */
function readProfile(top) {
  const profile = top.take("profile");
  if (typeof profile !== "object" || profile === null || Array.isArray(profile)) {
    throw top.fail("profile", "must be an object", "wrong-type");
  }
  return profile;
}

/** @param {Fields} fields */
function readCurrent(fields) {
  const statement = encode(fields.string("statement", { maxLength: MAX_STATEMENT }));
  const later = fields.array("later", MAX_LATER).map((item, index) => {
    const one = new Fields(item, `bundle.current.later[${index}]`, InvalidBundle);
    const read = { entry: readEntry(one), proof: readProof(one) };
    one.done();
    return read;
  });
  fields.done();
  return { statement, later };
}
