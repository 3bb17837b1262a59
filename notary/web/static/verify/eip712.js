// The publisher's signature: EIP-712 typed data, recomputed from the record alone. docs/spec/record.md §7.

import { concat, encode, fromHex, toHex } from "./bytes.js";
import { keccak256, sha256 } from "./crypto.js";
import { ProofFailed } from "./errors.js";
import { recordDigest } from "./record.js";
import { recover } from "./secp256k1.js";

/** @typedef {import("./record.js").Record} Record */
/** @typedef {{ name: string, type: "string" | "bytes32" }} Member */

/** @type {{ [type: string]: Member[] }} */
export const TYPES = {
  EIP712Domain: [
    { name: "name", type: "string" },
    { name: "version", type: "string" },
    { name: "salt", type: "bytes32" },
  ],
  Publication: [
    { name: "statement", type: "string" },
    { name: "log", type: "string" },
    { name: "publisher", type: "string" },
    { name: "document", type: "string" },
    { name: "status", type: "string" },
    { name: "follows", type: "string" },
    { name: "language", type: "string" },
    { name: "published", type: "string" },
    { name: "content", type: "string" },
    { name: "contentSha256", type: "bytes32" },
    { name: "recordDigest", type: "bytes32" },
  ],
};
const STATEMENTS = {
  original: "I issue this publication under my name.",
  correction: "I issue this correction of my earlier publication.",
  update: "I issue this update of my earlier publication.",
  retraction: "I retract my earlier publication.",
};

/**
 * Requires that the key the record names signed the record.
 *
 * @param {Record} record
 * @param {Uint8Array} signature
 * @throws {ProofFailed} `no-key`, `signature-other-key`, and the codes of recover
 */
export function verifySignature(record, signature) {
  const { key } = record.publisher;
  if (key === undefined) {
    throw new ProofFailed("The record names no key that could have signed it.", "no-key");
  }
  const signer = recover(signingHash(record), signature);
  if (signer !== key) {
    const what = `The key 0x${signer} signed, or the record was changed; it names 0x${key}.`;
    throw new ProofFailed(what, "signature-other-key");
  }
}

/**
 * The 32 bytes that the publisher's key signs.
 *
 * @param {Record} record
 */
export function signingHash(record) {
  const domain = hashStruct("EIP712Domain", domainOf(record));
  return keccak256(concat(Uint8Array.of(0x19, 0x01), domain, hashStruct("Publication", messageOf(record))));
}

/**
 * @param {Record} record
 * @returns {{ [name: string]: string }}
 */
export function domainOf({ origin }) {
  return { name: "Notary", version: "1", salt: `0x${toHex(sha256(encode(origin)))}` };
}

/**
 * @param {Record} record
 * @returns {{ [name: string]: string }}
 */
export function messageOf(record) {
  const { origin, publisher, document = "", status, previous, language = "", published = "", content } = record;
  return {
    statement: STATEMENTS[status],
    log: origin,
    publisher: publisher.id,
    document,
    status,
    follows: previous?.leaf ?? "",
    language,
    published,
    content: describe(content),
    contentSha256: `0x${content.sha256}`,
    recordDigest: `0x${toHex(recordDigest(record))}`,
  };
}

/** @param {import("./record.js").Content} content */
function describe(content) {
  switch (content.kind) {
    case "text":
      return `text, lines: ${content.lines}`;
    case "file":
      return `file, bytes: ${content.size}, type: ${content.type}`;
    case "commitment":
      return `sealed, to be revealed by ${content.revealBy}`;
  }
}

/**
 * @param {string} name
 * @param {{ [name: string]: string }} values
 */
export function hashStruct(name, values) {
  const type = `${name}(${TYPES[name].map((member) => `${member.type} ${member.name}`).join(",")})`;
  const members = TYPES[name].map((member) => {
    const value = values[member.name];
    return member.type === "string" ? keccak256(encode(value)) : fromHex(value.slice(2));
  });
  return keccak256(concat(keccak256(encode(type)), ...members));
}
