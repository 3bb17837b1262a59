// The formats of docs/spec/record.md, by their vectors.

import assert from "node:assert/strict";
import { test } from "node:test";

import { encode, fromHex, toHex } from "../../notary/web/static/verify/bytes.js";
import { verifyCurrent } from "../../notary/web/static/verify/current.js";
import { domainOf, hashStruct, messageOf, signingHash, TYPES, verifySignature } from "../../notary/web/static/verify/eip712.js";
import { leafOf, parseLeaf } from "../../notary/web/static/verify/entry.js";
import { canonicalJson, parseExactJson, parseJson } from "../../notary/web/static/verify/jcs.js";
import { metaDigest, parseMeta } from "../../notary/web/static/verify/meta.js";
import { parseVkey } from "../../notary/web/static/verify/note.js";
import { parseRecord, recordDigest } from "../../notary/web/static/verify/record.js";
import { whyNotARevision } from "../../notary/web/static/verify/revision.js";
import { recover } from "../../notary/web/static/verify/secp256k1.js";
import { runVectors } from "./running.js";

const LIMIT = 1 << 16;

/** @param {any} vector @param {string} name */
const bytesOf = (vector, name) => (name in vector ? encode(vector[name]) : fromHex(vector[`${name}_hex`]));

/** @param {Uint8Array} bytes */
const textOf = (bytes) => new TextDecoder().decode(bytes);

/** @param {any} value */
function entryOf(value) {
  const leaf = leafOf(value);
  assert.ok(leaf.kind === "entry");
  return leaf;
}

runVectors("jcs", 70, (vector) => {
  const read = vector.exact ? parseExactJson : parseJson;
  const value = read(bytesOf(vector, "input"), LIMIT);
  const canonical = canonicalJson(value);
  assert.deepEqual(parseExactJson(canonical, LIMIT), value);
  return { canonical: textOf(canonical) };
});

runVectors("record", 180, ({ record }) => {
  const read = parseRecord(record);
  return { canonical: textOf(read.bytes), digest: toHex(recordDigest(read)) };
});

runVectors("meta", 160, ({ meta, salt }) => {
  const read = parseMeta(meta);
  return { canonical: textOf(canonicalJson(read)), digest: toHex(metaDigest(read, fromHex(salt))) };
});

runVectors("entry", 30, (vector) => {
  const leaf = parseLeaf(bytesOf(vector, "leaf"));
  assert.equal(leaf.kind, "entry");
  return { leaf_hash: leaf.leafHash };
});

runVectors("manifest", 55, (vector) => {
  const leaf = parseLeaf(bytesOf(vector, "leaf"));
  assert.equal(leaf.kind, "manifest");
  return { leaf_hash: leaf.leafHash };
});

runVectors("eip712", 25, ({ record, signature }) => {
  const read = parseRecord(record);
  verifySignature(read, fromHex(signature));
  const [domain, message] = [domainOf(read), messageOf(read)];
  return {
    domain_separator: toHex(hashStruct("EIP712Domain", domain)),
    message_hash: toHex(hashStruct("Publication", message)),
    signing_hash: toHex(signingHash(read)),
    typed_data: { types: TYPES, primaryType: "Publication", domain, message },
  };
});

runVectors("secp256k1", 40, ({ digest, signature }) => ({ address: `0x${recover(fromHex(digest), fromHex(signature))}` }));

runVectors("revision", 30, ({ earlier, later }) => {
  const reason = whyNotARevision(entryOf(earlier), entryOf(later));
  return reason === undefined ? {} : { error: reason };
});

runVectors("current", 40, (vector) => {
  const key = parseVkey(vector.vkey);
  const { latest, size, root, time, ...rest } = verifyCurrent(bytesOf(vector, "note"), () => [key]);
  return { statement: { ...rest, latest, size: Number(size), root: toHex(root), time } };
});

test("a name of an object's prototype is a name like others", () => {
  const text = '{"__proto__":1,"constructor":2,"toString":{"__proto__":{}}}';
  assert.equal(textOf(canonicalJson(parseExactJson(encode(text), LIMIT))), text);
});

test("a long string is read in one piece", () => {
  const text = `"${"é".repeat(7 << 20)}"`;
  assert.equal(parseExactJson(encode(text), 16 << 20), text.slice(1, -1));
});
