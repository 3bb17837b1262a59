// The bytes behind each row, for readers who want to see them: names and values. Pure.

import { isStored } from "../verify/bundle.js";
import { decode, toHex } from "../verify/bytes.js";
import { sha256 } from "../verify/crypto.js";
import { parseHeader } from "../verify/evm.js";
import { NotaryError } from "../verify/errors.js";
import { canonicalJson, parseExactJson } from "../verify/jcs.js";

/** @typedef {import("../verify/bundle.js").Bundle} Bundle */
/** @typedef {import("../verify/jcs.js").Json} Json */

/**
 * @typedef {object} Saved bytes that a reader can save and hash themselves
 * @property {string} name
 * @property {Uint8Array} bytes
 * @property {string} command
 * @property {string} digest what the command prints if the bytes are right
 *
 * @typedef {[key: string, value: string, saved?: Saved][]} Values keys of strings, and what to show
 */

const MAX_BYTES = 16 << 20;
const encoder = new TextEncoder();

/** @param {Uint8Array} bytes */
const written = (bytes) => decode(bytes) ?? toHex(bytes);

/** @param {Json | undefined} value */
const json = (value) => (value === undefined ? "" : written(canonicalJson(value)));

/**
 * What is to be seen for each row, of a bundle that parses.
 *
 * @param {Uint8Array} bytes of the bundle
 * @param {Bundle} bundle
 * @returns {{ [row: string]: Values }}
 */
export function evidenceOf(bytes, bundle) {
  const raw = /** @type {{ [name: string]: Json }} */ (parseExactJson(bytes, MAX_BYTES));
  const { record, leafHash, signature } = bundle.entry;
  const { content } = record;
  const text = bundle.text === undefined ? undefined : encoder.encode(bundle.text);
  const entry = canonicalJson(raw.entry);
  const proofs = [...bundle.anchors.map(({ proof }) => proof), ...(bundle.proof ? [bundle.proof] : [])];
  return {
    text: filled([
      ["text-sha256", text === undefined ? "" : toHex(sha256(text)), savedText(bundle, text)],
      ["recorded", content.sha256],
      ["record", written(record.bytes)],
      ["meta", json(raw.meta)],
    ]),
    images: filled([["images", record.media.join("\n")]]),
    date: [],
    publisher: filled([["signature", signature ?? ""]]),
    log: filled([
      ["leaf", leafHash],
      ["entry", toHex(entry), savedEntry(leafHash, entry)],
      ...proofs.flatMap(
        ({ note, hashes }) =>
          /** @type {Values} */ ([
            ["checkpoint", written(note.text) + note.signatures.map(signatureLine).join("")],
            ["proof", hashes.map(toHex).join("\n")],
          ]),
      ),
    ]),
    anchor: filled(
      bundle.anchors.flatMap((anchor) =>
        isStored(anchor)
          ? /** @type {Values} */ ([["storage", `${anchor.block}, ${anchor.time}`]])
          : /** @type {Values} */ ([
              ["hash", blockHash(anchor.header)],
              ["header", toHex(anchor.header)],
              ["receipt", anchor.nodes.map(toHex).join("\n")],
            ]),
      ),
    ),
    corrections: filled([["statement", bundle.current === undefined ? "" : written(bundle.current.statement)]]),
  };
}

/**
 * @param {Bundle} bundle
 * @param {Uint8Array | undefined} text
 * @returns {Saved | undefined}
 */
function savedText({ entry: { leafHash, record } }, text) {
  const name = `${leafHash.slice(0, 16)}.txt`;
  return text === undefined || record.content.kind !== "text"
    ? undefined
    : { name, bytes: text, command: `sha256sum ${name}`, digest: record.content.sha256 };
}

/**
 * @param {string} leafHash
 * @param {Uint8Array} bytes
 * @returns {Saved}
 */
function savedEntry(leafHash, bytes) {
  const name = `${leafHash.slice(0, 16)}.entry.json`;
  // A leaf is hashed behind one zero byte: docs/spec/log.md.
  return { name, bytes, command: `(printf '\\000'; cat ${name}) | sha256sum`, digest: leafHash };
}

/** @param {Values} values */
const filled = (values) => values.filter(([, value]) => value !== "");

/** @param {import("../verify/note.js").Signature} signature */
const signatureLine = ({ name, keyId, value }) => `\n\u2014 ${name} ${keyId} ${toHex(value)}`;

/** @param {Uint8Array} header */
function blockHash(header) {
  try {
    return `0x${parseHeader(header).hash}`;
  } catch (error) {
    if (error instanceof NotaryError) {
      return "";
    }
    throw error;
  }
}
