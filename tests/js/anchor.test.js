// What a bundle shows of a chain (docs/spec/anchor.md), by the vectors.

import { fromHex, toHex } from "../../notary/web/static/verify/bytes.js";
import { logIdOf, parseHeader, parseReceipt, verifyAnchored } from "../../notary/web/static/verify/evm.js";
import { decodeRlp, encodeRlp } from "../../notary/web/static/verify/rlp.js";
import { verifyTrie } from "../../notary/web/static/verify/trie.js";
import { runVectors } from "./running.js";

/** @typedef {import("../../notary/web/static/verify/rlp.js").Rlp} Rlp */

/** @param {string} hex */
const bytes = (hex) => fromHex(hex.slice(2));

/** @param {Uint8Array} data */
const shown = (data) => `0x${toHex(data)}`;

/**
 * @param {Rlp} item
 * @returns {any}
 */
const itemOf = (item) => (Array.isArray(item) ? item.map(itemOf) : shown(item));

runVectors("rlp", 40, ({ data }) => {
  const item = decodeRlp(bytes(data));
  return { item: itemOf(item), data: shown(encodeRlp(item)) };
});

runVectors("trie", 50, ({ root, key, nodes }) => ({
  value: shown(verifyTrie({ root: bytes(root), key: bytes(key), nodes: nodes.map(bytes) })),
}));

/** @type {{ [kind: string]: (vector: any) => object }} */
const EVM = {
  header({ header }) {
    const { hash, parentHash, receiptsRoot, number, timestamp } = parseHeader(bytes(header));
    const hashes = { hash: `0x${hash}`, parent_hash: `0x${parentHash}`, receipts_root: `0x${receiptsRoot}` };
    return { ...hashes, number: String(number), timestamp: String(timestamp) };
  },
  receipt({ receipt }) {
    const { type, status, logs } = parseReceipt(bytes(receipt));
    const written = logs.map(({ address, topics, data }) => {
      return { address: `0x${address}`, topics: topics.map((topic) => `0x${topic}`), data: shown(data) };
    });
    return { type, status, logs: written };
  },
  anchored({ header, index, log, nodes, registry, log_id }) {
    const { size, root, previousSize } = verifyAnchored({
      header: parseHeader(bytes(header)),
      transactionIndex: index,
      logPosition: log,
      nodes: nodes.map(bytes),
      registry: registry.slice(2),
      logId: log_id.slice(2),
    });
    return { event: { size: String(size), root: shown(root), prev_size: String(previousSize) } };
  },
  "log-id": ({ sender, origin }) => ({ log_id: `0x${logIdOf(bytes(sender), origin)}` }),
};
runVectors("evm", 130, (vector) => EVM[vector.kind](vector));
