// Which log, which keys, which chains a verifier believes in: docs/spec/trust.md. Nothing is trusted that is not in the file.

import { toHex } from "./bytes.js";
import { MAX_ORIGIN_LENGTH, ORIGIN } from "./checkpoint.js";
import { sha256 } from "./crypto.js";
import { InvalidInput, InvalidTrust } from "./errors.js";
import { canonicalJson, MAX_INTEGER, parseJson } from "./jcs.js";
import { readPlace } from "./manifest.js";
import { codePointsIn } from "./names.js";
import { parseVkey } from "./note.js";
import { Fields } from "./shape.js";

/** @typedef {import("./jcs.js").Json} Json */

/**
 * @typedef {object} TrustedKey a key of the log, and the tree sizes that it may sign, both included
 * @property {import("./note.js").VerifierKey} key
 * @property {bigint} first
 * @property {bigint} [last]
 *
 * @typedef {import("./manifest.js").Place & { depth?: bigint }} TrustedChain a block is final that has `depth` blocks above
 *   it; without a depth, one up to the tag `finalized`
 *
 * @typedef {object} Trust
 * @property {string} origin
 * @property {TrustedKey[]} keys
 * @property {TrustedChain[]} chains
 * @property {boolean} development whether the operator runs the chains: they prove nothing to others
 * @property {Map<string, string[]>} endpoints suggested by the operator, by chain id
 * @property {string} fingerprint
 */

const SPEC = "notary-trust/1";
// For files in which a chain's finality is a depth, and for no others: a file has one form.
const SPEC_DEPTH = "notary-trust/2";
const FINALITY = /^finalized$/;
const FINALITY_OR_DEPTH = /^(?:finalized|depth-[1-9][0-9]{0,5})$/;
const MAX_BYTES = 1 << 20;
const MAX_KEYS = 64;
const MAX_CHAINS = 16;
const MAX_URLS = 16;
const MAX_URL = 2048;
const CHAIN_ID = /^[1-9][0-9]{0,15}$/;
// No control character, and no code point with the property White_Space.
const URL_FORM = /^https?:\/\/[^\u0000-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/u;

/**
 * @param {Uint8Array} bytes strict JSON, not necessarily in canonical form
 * @returns {Trust}
 * @throws {InvalidTrust}
 */
export function parseTrust(bytes) {
  try {
    return readTrust(parseJson(bytes, MAX_BYTES));
  } catch (error) {
    if (error instanceof InvalidInput && !(error instanceof InvalidTrust)) {
      throw new InvalidTrust(`Not a trust file: ${error.message}`, error.code, error.position, error.field);
    }
    throw error;
  }
}

/**
 * The keys that may sign a checkpoint of a size.
 *
 * @param {Trust} trust
 * @param {bigint} size
 */
export const keysFor = ({ keys }, size) =>
  keys.filter(({ first, last }) => first <= size && (last === undefined || size <= last)).map(({ key }) => key);

/**
 * @param {Json} value
 * @returns {Trust}
 */
function readTrust(value) {
  const top = new Fields(value, "trust", InvalidTrust);
  const spec = top.oneOf("spec", [SPEC, SPEC_DEPTH]);
  const log = top.child("log");
  const origin = log.string("origin", { pattern: ORIGIN, maxLength: MAX_ORIGIN_LENGTH });
  const keys = log.array("vkeys", MAX_KEYS).map((item, index) => readKey(item, index, origin));
  log.done();
  if (keys.length === 0) {
    throw log.fail("vkeys", "must name at least one key", "wrong-length");
  }
  const finality = spec === SPEC ? FINALITY : FINALITY_OR_DEPTH;
  const chains = top.array("chains", MAX_CHAINS).map((item, index) => readChain(item, index, finality));
  if (spec === SPEC_DEPTH && chains.every(({ depth }) => depth === undefined)) {
    throw top.fail("spec", `must be "${SPEC}" where no chain's finality is a depth`, "unknown-version");
  }
  const places = chains.map(({ chainId, registry, logId }) => [chainId, registry, logId].join());
  if (new Set(places).size !== places.length) {
    throw top.fail("chains", "names the same place twice", "duplicate");
  }
  const development = top.take("development");
  if (typeof development !== "boolean") {
    throw top.fail("development", "must be true or false", "wrong-type");
  }
  const endpoints = top.optional("endpoints", () => readEndpoints(top)) ?? new Map();
  top.done();
  return { origin, keys, chains, development, endpoints, fingerprint: toHex(sha256(canonicalJson(value))) };
}

/**
 * @param {Json} value
 * @param {number} index
 * @param {string} origin
 * @returns {TrustedKey}
 */
function readKey(value, index, origin) {
  const fields = new Fields(value, `trust.log.vkeys[${index}]`, InvalidTrust);
  const key = parseVkey(fields.string("vkey", { maxLength: 400 }));
  const first = fields.integer("first", 0, MAX_INTEGER);
  const last = fields.optional("last", (name) => BigInt(fields.integer(name, first, MAX_INTEGER)));
  fields.done();
  if (key.name !== origin) {
    throw fields.fail("vkey", "must have the log's origin as its name", "wrong-name");
  }
  return { key, first: BigInt(first), last };
}

/**
 * @param {Json} value
 * @param {number} index
 * @param {RegExp} finality
 * @returns {TrustedChain}
 */
function readChain(value, index, finality) {
  const fields = new Fields(value, `trust.chains[${index}]`, InvalidTrust);
  const place = readPlace(fields);
  const depth = fields.string("finality", { pattern: finality }).split("-")[1];
  fields.done();
  return { ...place, depth: depth === undefined ? undefined : BigInt(depth) };
}

/**
 * @param {Fields} top
 * @returns {Map<string, string[]>}
 */
function readEndpoints(top) {
  const value = top.take("endpoints");
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  const entries = isObject ? Object.entries(value) : [];
  if (entries.length === 0 || entries.length > MAX_CHAINS) {
    throw top.fail("endpoints", `must be an object of 1 to ${MAX_CHAINS} chains`, "wrong-type");
  }
  return new Map(
    entries.map(([chain, urls]) => {
      if (!CHAIN_ID.test(chain) || !Array.isArray(urls) || urls.length === 0 || urls.length > MAX_URLS) {
        throw top.fail("endpoints", `must map chain ids to lists of 1 to ${MAX_URLS} URLs`, "wrong-form");
      }
      if (!urls.every(isUrl)) {
        throw top.fail("endpoints", "must hold http or https URLs", "wrong-form");
      }
      return [chain, urls];
    }),
  );
}

/**
 * @param {Json} url
 * @returns {url is string}
 */
function isUrl(url) {
  return typeof url === "string" && URL_FORM.test(url) && codePointsIn(url) <= MAX_URL;
}
