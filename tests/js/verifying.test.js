// What the vectors of bundles do not show: limits, members of trust files, what to ask endpoints.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { parseBundle } from "../../notary/web/static/verify/bundle.js";
import { decode, encode, fromHex } from "../../notary/web/static/verify/bytes.js";
import { parseCheckpoint } from "../../notary/web/static/verify/checkpoint.js";
import { InvalidBundle, InvalidTrust } from "../../notary/web/static/verify/errors.js";
import { canonicalJson, parseJson } from "../../notary/web/static/verify/jcs.js";
import { wantedOf } from "../../notary/web/static/verify/logchecks.js";
import { parseMeta } from "../../notary/web/static/verify/meta.js";
import { verifyConsistency, verifyInclusion } from "../../notary/web/static/verify/merkle.js";
import { parseNote, parseVkey, verifyNote } from "../../notary/web/static/verify/note.js";
import { parseTlogProof } from "../../notary/web/static/verify/tlogproof.js";
import { keysFor, parseTrust } from "../../notary/web/static/verify/trust.js";
import { verify } from "../../notary/web/static/verify/verify.js";
import { toBase64 } from "../../notary/web/static/verify/wire.js";
import { membersOf } from "./outcome.js";
import { load } from "./vectors.js";

const VECTORS = new Map(load("verify"));

/** @param {string} name */
const bundleOf = (name) => JSON.parse(String(decode(fromHex(VECTORS.get(name).bundle_hex))));

/** @param {object} value */
const bundleBytes = (value) => canonicalJson(/** @type {any} */ (value));

/** @param {() => unknown} call */
function codeOf(call) {
  try {
    call();
    return "accepted";
  } catch (error) {
    return membersOf(error).error;
  }
}

const [MATCH, RETRACTED, PENDING] = [bundleOf("match"), bundleOf("retracted"), bundleOf("pending-included")];
const [ANCHOR] = MATCH.anchors;
const OTHER_RECEIPT = { ...ANCHOR.receipt, nodes: Array(65).fill("0x00") };
const MANIFEST = JSON.parse(new Map(load("manifest")).get("64-keys")?.leaf);

for (const [name, code, value] of /** @type {[string, string, object][]} */ ([
  ["as it is", "accepted", MATCH],
  ["pending", "accepted", PENDING],
  ["an anchor twice", "duplicate", { ...MATCH, anchors: [ANCHOR, ANCHOR] }],
  ["too many anchors", "wrong-length", { ...MATCH, anchors: Array.from({ length: 17 }, (_, id) => ({ ...ANCHOR, chain_id: id + 1 })) }],
  ["sixteen anchors", "accepted", { ...MATCH, anchors: Array.from({ length: 16 }, (_, id) => ({ ...ANCHOR, chain_id: id + 1 })) }],
  ["a proof beside anchors", "unexpected-field", { ...MATCH, proof: PENDING.proof }],
  ["an extra line", "unauthenticated", { ...PENDING, proof: PENDING.proof.replace("index", "extra eA==\nindex") }],
  ["a proof too long", "wrong-length", { ...PENDING, proof: PENDING.proof.replace("index", `extra ${"A".repeat(65_536)}\nindex`) }],
  ["a manifest", "not-an-entry", { ...MATCH, entry: MANIFEST }],
  ["an entry too long", "json-too-large", { ...MATCH, entry: { ...MATCH.entry, x: "x".repeat(65_536) } }],
  ["no object", "wrong-type", []],
  ["a profile that is none", "wrong-type", { ...MATCH, profile: [] }],
  ["a profile that is null", "wrong-type", { ...MATCH, profile: null }],
  ["a profile that is a number", "wrong-type", { ...MATCH, profile: 1 }],
  ["an empty text", "wrong-length", { ...MATCH, text: "" }],
  ["an unknown member of an anchor", "unknown-field", { ...MATCH, anchors: [{ ...ANCHOR, x: 1 }] }],
  ["an unknown member of a receipt", "unknown-field", { ...MATCH, anchors: [{ ...ANCHOR, receipt: { ...ANCHOR.receipt, x: 1 } }] }],
  ["too many nodes", "wrong-length", { ...MATCH, anchors: [{ ...ANCHOR, receipt: OTHER_RECEIPT }] }],
  ["half a byte", "wrong-form", { ...MATCH, anchors: [{ ...ANCHOR, header: "0xabc" }] }],
  ["no prefix", "wrong-form", { ...MATCH, anchors: [{ ...ANCHOR, header: "abcd" }] }],
  ["an address too short", "wrong-length", { ...MATCH, anchors: [{ ...ANCHOR, registry: ANCHOR.registry.slice(0, -2) }] }],
  ["chain 0", "out-of-range", { ...MATCH, anchors: [{ ...ANCHOR, chain_id: 0 }] }],
  ["an index that is no number", "wrong-type", { ...MATCH, anchors: [{ ...ANCHOR, receipt: { ...ANCHOR.receipt, index: "2" } }] }],
  ["a negative index", "out-of-range", { ...MATCH, anchors: [{ ...ANCHOR, receipt: { ...ANCHOR.receipt, index: -1 } }] }],
  ["an unknown member of meta", "unknown-field", { ...MATCH, meta: { ...MATCH.meta, x: 1 } }],
  ["a salt too short", "wrong-length", { ...MATCH, meta: { ...MATCH.meta, salt: "00" } }],
  ["an unknown member of a statement", "unknown-field", { ...RETRACTED, current: { ...RETRACTED.current, x: 1 } }],
  ["a statement too long", "wrong-length", { ...RETRACTED, current: { ...RETRACTED.current, statement: "x".repeat(16_385) } }],
  ["an unknown member of a later entry", "unknown-field", { ...RETRACTED, current: { ...RETRACTED.current, later: [{ ...RETRACTED.current.later[0], x: 1 }] } }],
  ["too many later entries", "wrong-length", { ...RETRACTED, current: { ...RETRACTED.current, later: Array(1001).fill(1) } }],
])) {
  test(`a bundle: ${name}`, () => {
    assert.equal(codeOf(() => parseBundle(bundleBytes(value))), code);
  });
}

test("what is no bundle is an InvalidBundle, whatever is wrong with it", () => {
  assert.throws(() => parseBundle(encode("<html>")), InvalidBundle);
  assert.throws(() => parseBundle(new Uint8Array((16 << 20) + 1)), { code: "json-too-large" });
  assert.throws(() => parseBundle(bundleBytes({ ...MATCH, entry: 1 })), InvalidBundle);
});

const TRUST = JSON.parse(VECTORS.get("match").trust);
const [KEY] = TRUST.log.vkeys;
const [CHAIN] = TRUST.chains;
const LONG_URL = `http://${"\u{1f600}".repeat(2041)}`;
const SIXTEEN = Array.from({ length: 16 }, (_, id) => ({ ...CHAIN, chain_id: id + 1 }));

/** @param {object} vkey */
const withKey = (vkey) => ({ ...TRUST, log: { ...TRUST.log, vkeys: [{ ...KEY, ...vkey }] } });

/** @param {object} chain */
const withChain = (chain) => ({ ...TRUST, chains: [{ ...CHAIN, ...chain }] });

for (const [name, code, value] of /** @type {[string, string, object][]} */ ([
  ["as it is", "accepted", TRUST],
  ["another version", "unknown-version", { ...TRUST, spec: "notary-trust/2" }],
  ["no keys", "wrong-length", { ...TRUST, log: { ...TRUST.log, vkeys: [] } }],
  ["too many keys", "wrong-length", { ...TRUST, log: { ...TRUST.log, vkeys: Array(65).fill(KEY) } }],
  ["an unknown member of the log", "unknown-field", { ...TRUST, log: { ...TRUST.log, x: 1 } }],
  ["an unknown member of a key", "unknown-field", withKey({ x: 1 })],
  ["a key of another name", "wrong-name", withKey({ vkey: "notary.example/log/2026+15e5c903+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4" })],
  ["a vkey that is none", "wrong-vkey", withKey({ vkey: "x" })],
  ["a vkey too long", "wrong-length", withKey({ vkey: "x".repeat(401) })],
  ["a range that ends before it starts", "out-of-range", withKey({ first: 5, last: 4 })],
  ["a range of one size", "accepted", withKey({ first: 5, last: 5 })],
  ["no chains", "accepted", { ...TRUST, chains: [] }],
  ["sixteen chains", "accepted", { ...TRUST, chains: SIXTEEN }],
  ["too many chains", "wrong-length", { ...TRUST, chains: [...SIXTEEN, CHAIN] }],
  ["a place twice", "duplicate", { ...TRUST, chains: [CHAIN, { ...CHAIN, genesis: `0x${"00".repeat(32)}` }] }],
  ["another finality", "wrong-form", withChain({ finality: "safe" })],
  ["an unknown member of a chain", "unknown-field", withChain({ x: 1 })],
  ["development is a word", "wrong-type", { ...TRUST, development: "yes" }],
  ["an origin with a scheme", "wrong-form", { ...TRUST, log: { ...TRUST.log, origin: "https://notary.example" } }],
  ["an origin too long", "wrong-length", { ...TRUST, log: { ...TRUST.log, origin: "x".repeat(201) } }],
  ["endpoints", "accepted", { ...TRUST, endpoints: { 31337: ["http://127.0.0.1:8545", LONG_URL] } }],
  ["no endpoints", "wrong-type", { ...TRUST, endpoints: {} }],
  ["endpoints in a list", "wrong-type", { ...TRUST, endpoints: ["http://a"] }],
  ["too many endpoints", "wrong-type", { ...TRUST, endpoints: Object.fromEntries(SIXTEEN.map((_, id) => [id + 1, ["http://a"]]).concat([[17, []]])) }],
  ["endpoints of no number", "wrong-form", { ...TRUST, endpoints: { "01": ["http://a"] } }],
  ["endpoints not in a list", "wrong-form", { ...TRUST, endpoints: { 1: "http://a" } }],
  ["an empty list of endpoints", "wrong-form", { ...TRUST, endpoints: { 1: [] } }],
  ["too many endpoints of a chain", "wrong-form", { ...TRUST, endpoints: { 1: Array(17).fill("http://a") } }],
  ["an endpoint of another scheme", "wrong-form", { ...TRUST, endpoints: { 1: ["ftp://a"] } }],
  ["an endpoint that is a number", "wrong-form", { ...TRUST, endpoints: { 1: [1] } }],
  ["an endpoint with a space", "wrong-form", { ...TRUST, endpoints: { 1: ["http://a\u0085b"] } }],
  ["an endpoint too long", "wrong-form", { ...TRUST, endpoints: { 1: [`${LONG_URL}x`] } }],
])) {
  test(`a trust file: ${name}`, () => {
    assert.equal(codeOf(() => parseTrust(encode(JSON.stringify(value)))), code);
  });
}

test("a trust file has one fingerprint, however it is written", () => {
  const { fingerprint } = parseTrust(encode(JSON.stringify(TRUST)));
  assert.match(fingerprint, /^[0-9a-f]{64}$/);
  assert.equal(parseTrust(encode(JSON.stringify(TRUST, null, 2))).fingerprint, fingerprint);
  assert.notEqual(parseTrust(encode(JSON.stringify(withKey({ last: 9 })))).fingerprint, fingerprint);
});

test("what is no trust file is an InvalidTrust, whatever is wrong with it", () => {
  assert.throws(() => parseTrust(encode("x")), InvalidTrust);
  assert.throws(() => parseTrust(new Uint8Array((1 << 20) + 1)), { code: "json-too-large" });
});

test("a key may sign the sizes of its range, both ends included", () => {
  const trust = parseTrust(encode(JSON.stringify(withKey({ first: 3, last: 5 }))));
  assert.deepEqual([2n, 3n, 5n, 6n].map((size) => keysFor(trust, size).length), [0, 1, 1, 0]);
});

test("endpoints are asked for the block and the registry of each anchor whose header can be read", () => {
  const broken = { ...ANCHOR, header: "0xc0" };
  const wanted = wantedOf(parseBundle(bundleBytes({ ...MATCH, anchors: [ANCHOR, broken] })));
  assert.deepEqual(wanted, [{ chainId: 31337, height: 17n, registry: ANCHOR.registry.slice(2), latest: false }]);
});

test("a page without a parser is an error of the program, not of the copy", async () => {
  const copy = { bytes: encode("<p>x"), kind: /** @type {const} */ ("html") };
  const evidence = { views: [], pinned: new Set(), offline: true };
  await assert.rejects(verify(parseBundle(bundleBytes(MATCH)), { evidence, now: 0, copy }), TypeError);
});

test("limits of what is read", () => {
  const value = parseJson(encode("[1]"), 3);
  assert.deepEqual(value, [1]);
  assert.equal(codeOf(() => parseJson(encode("[1]"), 2)), "json-too-large");
  assert.equal(codeOf(() => canonicalJson(1.5)), "json-number");
  assert.equal(codeOf(() => canonicalJson(JSON.parse("[".repeat(33) + "]".repeat(33)))), "json-depth");
  assert.equal(codeOf(() => parseMeta({ captions: Array(256).fill("長".repeat(999)) })), "meta-too-large");
  assert.equal(codeOf(() => parseNote(new Uint8Array(262_145))), "note-too-large");
  assert.equal(codeOf(() => parseTlogProof(new Uint8Array(393_217))), "proof-too-large");
  assert.equal(codeOf(() => parseCheckpoint(encode(`${"x".repeat(201)}\n1\n${toBase64(new Uint8Array(32))}\n`))), "wrong-origin");
});

test("hashes of a proof have 32 bytes", () => {
  const [hash, short] = [new Uint8Array(32), new Uint8Array(31)];
  const inclusion = { leaf: hash, index: 0n, size: 2n, root: hash };
  assert.equal(codeOf(() => verifyInclusion({ ...inclusion, proof: [short] })), "hash-length");
  assert.equal(codeOf(() => verifyInclusion({ ...inclusion, leaf: short, proof: [hash] })), "hash-length");
  const consistency = { oldSize: 1n, newSize: 2n, oldRoot: hash, newRoot: hash };
  assert.equal(codeOf(() => verifyConsistency({ ...consistency, oldRoot: short, proof: [hash] })), "hash-length");
});

test("keys that cannot be told apart are refused", () => {
  const key = parseVkey(KEY.vkey);
  const note = parseNote(encode("text\n\n— x AAAAAAA=\n"));
  const keys = [key, { ...key, publicKey: new Uint8Array(32) }];
  assert.equal(codeOf(() => verifyNote(note, keys, { strict: true })), "ambiguous-key");
  assert.equal(codeOf(() => verifyNote(note, [key, key], { strict: true })), "no-known-signature");
});

test("cryptography is imported in one place, and nothing else is that is not ours", () => {
  const folder = new URL("../../notary/web/static/verify/", import.meta.url);
  for (const name of readdirSync(folder)) {
    const source = readFileSync(new URL(name, folder), "utf8");
    const foreign = [...source.matchAll(/^(?:import|export) .*from "([^"]+)";$/gm)].map(([, from]) => from).filter((from) => !from.startsWith("./"));
    assert.ok(foreign.every((from) => name === "crypto.js" && from.startsWith("@noble/")), name);
  }
});
