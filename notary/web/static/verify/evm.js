// From a block header to the registry's event, by receipt: docs/spec/anchor.md §2, §4, §5. That the block is on a chain is
// never shown by a header.

import { concat, encode, fromHex, toBigInt, toHex } from "./bytes.js";
import { keccak256 } from "./crypto.js";
import { InvalidRlp, ProofFailed } from "./errors.js";
import { decodeInteger, decodeRlp } from "./rlp.js";
import { receiptKey, verifyTrie } from "./trie.js";

/** @typedef {import("./rlp.js").Rlp} Rlp */

/**
 * @typedef {object} Header
 * @property {string} hash hex digits, as are the others
 * @property {string} parentHash
 * @property {string} receiptsRoot
 * @property {bigint} number
 * @property {bigint} timestamp
 *
 * @typedef {{ address: string, topics: string[], data: Uint8Array }} Log
 * @typedef {{ type: number, status: 0 | 1, logs: Log[] }} Receipt
 * @typedef {{ size: bigint, root: Uint8Array, previousSize: bigint }} AnchoredEvent
 */

const MAX_HEADER_BYTES = 16 * 1024;
const [MIN_HEADER_FIELDS, MAX_HEADER_FIELDS] = [15, 32];
const MAX_TRANSACTION_INDEX = 2 ** 31 - 1;
const ANCHORED_TOPIC = toHex(keccak256(encode("Anchored(bytes32,uint256,bytes32,uint256)")));

/** @typedef {(item: Rlp, name: string) => unknown} Reader */

/** @type {(size: number) => Reader} */
const bytesOf = (size) => (item, name) => readFixed(item, size, name);
/** @type {(bits: number) => Reader} */
const integerOf = (bits) => (item, name) => decodeInteger(item, bits, name);

/** @type {[string, Reader][]} */
const HEADER_FIELDS = [
  ["header.parentHash", bytesOf(32)],
  ["header.sha3Uncles", bytesOf(32)],
  ["header.miner", bytesOf(20)],
  ["header.stateRoot", bytesOf(32)],
  ["header.transactionsRoot", bytesOf(32)],
  ["header.receiptsRoot", bytesOf(32)],
  ["header.logsBloom", bytesOf(256)],
  ["header.difficulty", integerOf(256)],
  ["header.number", integerOf(63)],
  ["header.gasLimit", integerOf(64)],
  ["header.gasUsed", integerOf(64)],
  ["header.timestamp", integerOf(63)],
  ["header.extraData", readBytes],
  ["header.mixHash", bytesOf(32)],
  ["header.nonce", bytesOf(8)],
  ["header.baseFeePerGas", integerOf(256)], // London
  ["header.withdrawalsRoot", bytesOf(32)], // Shanghai
  ["header.blobGasUsed", integerOf(64)], // Cancun
  ["header.excessBlobGas", integerOf(64)],
  ["header.parentBeaconBlockRoot", bytesOf(32)],
  ["header.requestsHash", bytesOf(32)], // Prague
];

/**
 * @param {Uint8Array} bytes
 * @returns {Header}
 * @throws {InvalidRlp} the codes of decodeRlp, and `header-too-large`, `header-fields`, `rlp-type`, `rlp-length`, `rlp-integer`
 */
export function parseHeader(bytes) {
  if (bytes.length > MAX_HEADER_BYTES) {
    throw new InvalidRlp(`A block header has at most ${MAX_HEADER_BYTES} bytes.`, "header-too-large");
  }
  const items = readList(decodeRlp(bytes), "header");
  if (items.length < MIN_HEADER_FIELDS || items.length > MAX_HEADER_FIELDS) {
    const what = `A block header has ${MIN_HEADER_FIELDS} to ${MAX_HEADER_FIELDS} fields, not ${items.length}.`;
    throw new InvalidRlp(what, "header-fields", undefined, "header");
  }
  const values = HEADER_FIELDS.slice(0, items.length).map(([name, read], at) => read(items[at], name));
  const [parentHash, receiptsRoot] = /** @type {Uint8Array[]} */ ([values[0], values[5]]);
  const [number, timestamp] = /** @type {bigint[]} */ ([values[8], values[11]]);
  const hash = toHex(keccak256(bytes));
  return { hash, parentHash: toHex(parentHash), receiptsRoot: toHex(receiptsRoot), number, timestamp };
}

/**
 * @param {Uint8Array} value from a receipt trie
 * @returns {Receipt}
 * @throws {InvalidRlp} the codes of decodeRlp, and `receipt-type`, `receipt-fields`, `receipt-status`, `rlp-type`,
 *   `rlp-length`, `rlp-integer`
 */
export function parseReceipt(value) {
  const isTyped = value.length > 0 && value[0] < 0xc0;
  const type = isTyped ? value[0] : 0;
  if (isTyped && (type < 1 || type > 4)) {
    throw new InvalidRlp(`Receipt type ${type} is not known.`, "receipt-type", undefined, "receipt.type");
  }
  const items = readList(decodeRlp(isTyped ? value.subarray(1) : value), "receipt");
  if (items.length !== 4) {
    throw new InvalidRlp("A receipt has four fields.", "receipt-fields", undefined, "receipt");
  }
  const [status, gas, bloom, logs] = items;
  if (Array.isArray(status) || status.length > 1 || (status.length === 1 && status[0] !== 1)) {
    throw new InvalidRlp("A receipt's status must be 0 or 1.", "receipt-status", undefined, "receipt.status");
  }
  decodeInteger(gas, 64, "receipt.cumulativeGasUsed");
  readFixed(bloom, 256, "receipt.logsBloom");
  return { type, status: status.length === 1 ? 1 : 0, logs: readList(logs, "receipt.logs").map(readLog) };
}

/**
 * @param {Rlp} item
 * @returns {Log}
 */
function readLog(item) {
  const fields = readList(item, "receipt.logs[]");
  if (fields.length !== 3) {
    throw new InvalidRlp("A log has three fields.", "receipt-fields", undefined, "receipt.logs[]");
  }
  const topics = readList(fields[1], "receipt.logs[].topics");
  if (topics.length > 4) {
    throw new InvalidRlp("A log has at most four topics.", "receipt-fields", undefined, "receipt.logs[].topics");
  }
  const data = readBytes(fields[2], "receipt.logs[].data");
  return {
    address: toHex(readFixed(fields[0], 20, "receipt.logs[].address")),
    topics: topics.map((topic) => toHex(readFixed(topic, 32, "receipt.logs[].topics[]"))),
    data,
  };
}

/**
 * The event for a log id that the registry emitted in the header's block. Size and root are still to be compared with the
 * checkpoint's.
 *
 * @param {object} claim
 * @param {Header} claim.header
 * @param {number} claim.transactionIndex
 * @param {number} claim.logPosition within the receipt
 * @param {Uint8Array[]} claim.nodes
 * @param {string} claim.registry
 * @param {string} claim.logId
 * @returns {AnchoredEvent}
 * @throws {ProofFailed} the codes of verifyTrie, and `transaction-index`, `receipt-failed`, `log-position`, `event-address`,
 *   `event-topics`, `event-data`, `event-size`
 * @throws {InvalidRlp} for nodes or a receipt of the wrong form
 */
export function verifyAnchored({ header, transactionIndex, logPosition, nodes, registry, logId }) {
  if (transactionIndex < 0 || transactionIndex > MAX_TRANSACTION_INDEX) {
    throw new ProofFailed("The transaction index is out of range.", "transaction-index");
  }
  const root = fromHex(header.receiptsRoot);
  const { status, logs } = parseReceipt(verifyTrie({ root, key: receiptKey(transactionIndex), nodes }));
  if (status !== 1) {
    throw new ProofFailed("The anchoring transaction failed.", "receipt-failed");
  }
  if (logPosition < 0 || logPosition >= logs.length) {
    throw new ProofFailed("The receipt has no log at that position.", "log-position");
  }
  return readEvent(logs[logPosition], registry, logId);
}

/**
 * @param {Log} log
 * @param {string} registry
 * @param {string} logId
 * @returns {AnchoredEvent}
 */
function readEvent({ address, topics, data }, registry, logId) {
  if (address !== registry) {
    throw new ProofFailed("The log is not from the registry.", "event-address");
  }
  if (topics.length !== 2 || topics[0] !== ANCHORED_TOPIC || topics[1] !== logId) {
    throw new ProofFailed("The log is not the Anchored event of this log id.", "event-topics");
  }
  if (data.length !== 96) {
    throw new ProofFailed("The data of the Anchored event must have 96 bytes.", "event-data");
  }
  const [size, previousSize] = [toBigInt(data.subarray(0, 32)), toBigInt(data.subarray(64))];
  if (previousSize >= size || size >= 2n ** 63n) {
    throw new ProofFailed("The sizes in the Anchored event cannot be.", "event-size");
  }
  return { size, root: data.subarray(32, 64), previousSize };
}

/**
 * The id under which an account registers a log: docs/spec/anchor.md §6.
 *
 * @param {Uint8Array} sender
 * @param {string} origin
 */
export function logIdOf(sender, origin) {
  const name = encode(origin);
  const [sixtyFour, length] = [new Uint8Array(32), new Uint8Array(32)];
  sixtyFour[31] = 64;
  length[31] = name.length;
  const padding = new Uint8Array((32 - (name.length % 32)) % 32);
  return toHex(keccak256(concat(new Uint8Array(12), sender, sixtyFour, length, name, padding)));
}

/**
 * @param {Rlp} item
 * @param {string} name
 */
function readList(item, name) {
  if (!Array.isArray(item)) {
    throw new InvalidRlp(`${name} must be a list.`, "rlp-type", undefined, name);
  }
  return item;
}

/**
 * @param {Rlp} item
 * @param {string} name
 */
function readBytes(item, name) {
  if (Array.isArray(item)) {
    throw new InvalidRlp(`${name} must be a byte string.`, "rlp-type", undefined, name);
  }
  return item;
}

/**
 * @param {Rlp} item
 * @param {number} size
 * @param {string} name
 */
function readFixed(item, size, name) {
  const bytes = readBytes(item, name);
  if (bytes.length !== size) {
    throw new InvalidRlp(`${name} must have ${size} bytes, not ${bytes.length}.`, "rlp-length", undefined, name);
  }
  return bytes;
}
