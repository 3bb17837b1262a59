// The bytes behind each row, for readers who want to see them: names and values. Pure.

import { isStored } from "../verify/bundle.js";
import { decode, toHex } from "../verify/bytes.js";
import { sha256 } from "../verify/crypto.js";
import { parseHeader } from "../verify/evm.js";
import { NotaryError } from "../verify/errors.js";
import { canonicalJson, parseExactJson } from "../verify/jcs.js";

/** @typedef {import("../verify/bundle.js").Bundle} Bundle */
/** @typedef {import("../verify/jcs.js").Json} Json */
/** @typedef {[key: string, value: string][]} Values keys of strings, and what to show */

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
  const entry = canonicalJson(raw.entry);
  const proofs = [...bundle.anchors.map(({ proof }) => proof), ...(bundle.proof ? [bundle.proof] : [])];
  return {
    text: filled([
      ["text-sha256", bundle.text === undefined ? "" : toHex(sha256(encoder.encode(bundle.text)))],
      ["recorded", content.sha256],
      ["record", written(record.bytes)],
      ["meta", json(raw.meta)],
    ]),
    images: filled([["images", record.media.join("\n")]]),
    date: [],
    publisher: filled([["signature", signature ?? ""]]),
    log: filled([
      ["leaf", leafHash],
      ["entry", toHex(entry)],
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
