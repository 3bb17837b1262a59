// The log's own statement of its keys and of the chains it anchors on: docs/spec/record.md §9.

import { InvalidNote, InvalidRecord } from "./errors.js";
import { MAX_INTEGER } from "./jcs.js";
import { parseVkey } from "./note.js";
import { MAX_TIME, readOrigin } from "./record.js";
import { Fields } from "./shape.js";

/** @typedef {import("./jcs.js").Json} Json */

/**
 * @typedef {{ vkey: string, first: number, last?: number }} KeyRange
 * @typedef {{ chainId: number, genesis: string, registry: string, registryCodehash: string, logId: string }} Place
 *
 * @typedef {object} Manifest
 * @property {string} origin
 * @property {KeyRange[]} vkeys
 * @property {Place[]} chains
 * @property {{ origin: string, size: number, root: string }} [predecessor]
 * @property {number} time
 */

const SPEC = "notary-manifest/1";
const MAX_KEYS = 64;
const MAX_CHAINS = 64;

/**
 * @param {Json | undefined} value
 * @param {string} [path]
 * @returns {Manifest}
 * @throws {InvalidRecord} with the field; the codes of Fields and of parseVkey, and `wrong-name`, `key-order`, `duplicate`,
 *   `own-predecessor`
 */
export function parseManifest(value, path = "manifest") {
  const fields = new Fields(value, path, InvalidRecord);
  fields.constant("spec", SPEC);
  const origin = readOrigin(fields);
  const manifest = {
    origin,
    vkeys: readKeys(fields, origin),
    chains: readChains(fields),
    predecessor: fields.optional("predecessor", (name) => readPredecessor(fields.child(name))),
    time: fields.integer("time", 0, MAX_TIME),
  };
  fields.done();
  if (manifest.predecessor?.origin === origin) {
    throw fields.fail("predecessor.origin", "must be another log", "own-predecessor");
  }
  return manifest;
}

/**
 * @param {Fields} fields
 * @param {string} origin
 */
function readKeys(fields, origin) {
  /** @type {KeyRange[]} */
  const keys = [];
  for (const [index, item] of fields.array("vkeys", MAX_KEYS).entries()) {
    const key = readKey(new Fields(item, `${fields.path}.vkeys[${index}]`, InvalidRecord), origin);
    const before = keys.at(-1);
    if (before !== undefined && (before.last === undefined || key.first <= before.last)) {
      throw fields.fail(`vkeys[${index}].first`, "must come after the range before it", "key-order");
    }
    keys.push(key);
  }
  if (keys.length === 0) {
    throw fields.fail("vkeys", "must name at least one key", "wrong-length");
  }
  return keys;
}

/**
 * @param {Fields} fields
 * @param {string} origin
 * @returns {KeyRange}
 */
function readKey(fields, origin) {
  const vkey = fields.string("vkey");
  const first = fields.integer("first", 0, MAX_INTEGER);
  const last = fields.optional("last", (name) => fields.integer(name, first, MAX_INTEGER));
  fields.done();
  try {
    if (parseVkey(vkey).name === origin) {
      return { vkey, first, last };
    }
  } catch (error) {
    if (error instanceof InvalidNote) {
      throw new InvalidRecord(error.message, error.code, undefined, `${fields.path}.vkey`);
    }
    throw error;
  }
  throw fields.fail("vkey", "must have the log's origin as its name", "wrong-name");
}

/** @param {Fields} fields */
function readChains(fields) {
  const items = fields.array("chains", MAX_CHAINS);
  const chains = items.map((item, index) => {
    const chain = new Fields(item, `${fields.path}.chains[${index}]`, InvalidRecord);
    const place = readPlace(chain);
    chain.done();
    return place;
  });
  const places = chains.map(({ chainId, genesis, registry, logId }) => [chainId, genesis, registry, logId].join());
  if (new Set(places).size !== places.length) {
    throw fields.fail("chains", "names the same place twice", "duplicate");
  }
  return chains;
}

/**
 * Where a log is anchored, as manifests and trust files name it.
 *
 * @param {Fields} fields
 * @returns {Place}
 */
export function readPlace(fields) {
  return {
    chainId: fields.integer("chain_id", 1, MAX_INTEGER),
    genesis: fields.hex("genesis", { size: 32, prefix: "0x" }),
    registry: fields.hex("registry", { size: 20, prefix: "0x" }),
    registryCodehash: fields.hex("registry_codehash", { size: 32, prefix: "0x" }),
    logId: fields.hex("log_id", { size: 32, prefix: "0x" }),
  };
}

/** @param {Fields} fields */
function readPredecessor(fields) {
  const origin = readOrigin(fields);
  const size = fields.integer("size", 1, MAX_INTEGER);
  const root = fields.hex("root", { size: 32 });
  fields.done();
  return { origin, size, root };
}
