// What an endpoint says about a chain, as a value: docs/spec/anchor.md §8. Whatever is wrong with an endpoint becomes the
// reason why nothing follows from its answer; nothing here is ever evidence against a text.

import { fromHex, toBigInt, toHex } from "../verify/bytes.js";
import { headKey } from "../verify/chain.js";
import { keccak256 } from "../verify/crypto.js";
import { NotaryError } from "../verify/errors.js";
import { parseJson } from "../verify/jcs.js";
import { fetchBytes, Unfetched } from "./bounded.js";

/** @typedef {import("../verify/chain.js").AnchoredHead} AnchoredHead */
/** @typedef {import("../verify/chain.js").EndpointView} EndpointView */
/** @typedef {import("../verify/jcs.js").Json} Json */
/** @typedef {import("../verify/logchecks.js").Wanted} Wanted */
/** @typedef {{ [name: string]: Json }} JsonObject */

export const TIMEOUT_MS = 10_000;
const MAX_BYTES = 8 << 20;
const QUANTITY = /^0x[0-9a-fA-F]{1,64}$/;
const DATA = /^0x(?:[0-9a-fA-F]{2})*$/;
// The selector of anchored(bytes32,uint256,bytes32): docs/spec/registry.md.
const ANCHORED = "0x649d76c9";
const HASH = /^0x[0-9a-fA-F]{64}$/;

/** @type {[string, Json[]][]} which chain it is, and what is final there */
const OPENING = [
  ["eth_chainId", []],
  ["eth_getBlockByNumber", ["0x0", false]],
  ["eth_getBlockByNumber", ["finalized", false]],
];
/** @type {[string, Json[]]} */
const NEWEST = ["eth_blockNumber", []];

/** An answer that does not have the form it must have. */
class Misshapen extends Error {}

/**
 * What several endpoints say, asked at the same time; never throws for what an endpoint does.
 *
 * @param {string[]} urls
 * @param {Wanted[]} wanted
 * @param {(problem: string, values: { [name: string]: unknown }) => string} say the sentence for a problem
 * @param {number} [timeout]
 * @returns {Promise<EndpointView[]>}
 */
export const gather = (urls, wanted, say, timeout = TIMEOUT_MS) =>
  Promise.all(urls.map((url) => viewOf(url, wanted, say, timeout)));

/**
 * An address as it may be shown: paths and queries of endpoints often hold a key.
 *
 * @param {string} url
 */
export const shownUrl = (url) => new URL(url).origin;

/**
 * Who was asked, and why nothing came of it where it did.
 *
 * @param {EndpointView[]} views
 */
export const askedOf = (views) => views.map(({ url, problem }) => (problem === undefined ? url : `${url} (${problem})`)).join(", ");

/**
 * @param {string} url
 * @param {Wanted[]} wanted
 * @param {(problem: string, values: { [name: string]: unknown }) => string} say
 * @param {number} timeout
 * @returns {Promise<EndpointView>}
 */
async function viewOf(url, wanted, say, timeout) {
  /** @type {(problem: string) => EndpointView} */
  const failing = (problem) => ({ url: shownUrl(url), problem, ...silence() });
  try {
    return await ask(url, wanted, AbortSignal.timeout(timeout));
  } catch (error) {
    if (error instanceof Misshapen) {
      return failing(say("shape", {}));
    }
    if (error instanceof NotaryError) {
      return failing(say("not-json", {}));
    }
    if (error instanceof Unfetched) {
      const isThere = error.code === "unreachable" && (await isUp(url));
      return failing(say(isThere ? "cors" : error.code, { status: error.status }));
    }
    throw error;
  }
}

/**
 * Whether something answers there at all, though it may not be read.
 *
 * @param {string} url
 */
async function isUp(url) {
  try {
    await fetch(url, {
      mode: "no-cors",
      credentials: "omit",
      referrerPolicy: "no-referrer",
      cache: "no-store",
      signal: AbortSignal.timeout(2_000),
    });
    return true;
  } catch {
    return false;
  }
}

/** What an endpoint says that says nothing. */
const silence = () => ({ codehashes: new Map(), hashes: new Map(), recorded: new Map() });

/**
 * @param {string} url
 * @param {Wanted[]} wanted
 * @param {AbortSignal} signal
 * @returns {Promise<EndpointView>}
 */
async function ask(url, wanted, signal) {
  const heights = once(wanted.flatMap(({ height }) => (height === undefined ? [] : [height])), String);
  const registries = once(wanted.map(({ registry }) => registry), String);
  const heads = once(wanted.flatMap(({ head }) => (head === undefined ? [] : [head])), headKey);
  const needsLatest = wanted.some(({ latest }) => latest);
  const opening = needsLatest ? [...OPENING, NEWEST] : OPENING;
  const calls = callsFor(heights, registries, heads);
  // What is said of a block or a registry must not be older than what is said to be final: else the state of a node that is
  // catching up would deny what it did not have yet. A node may work on the parts of one batch in any order, so where more
  // hangs on it than blocks under the tag, which no node takes back, it is asked twice.
  const answers =
    needsLatest || heads.length > 0
      ? [...(await batch(url, opening, signal)), ...(await batch(url, calls, signal))]
      : await batch(url, [...opening, ...calls], signal);
  const [chain, first, final] = answers;
  const latest = needsLatest ? answers[OPENING.length] : undefined;
  const rest = answers.slice(opening.length);
  const chainId = Number(quantity(must(chain)));
  const genesis = blockOf(first, 0n);
  if (genesis === undefined) {
    throw new Misshapen("It does not have block 0.");
  }
  const view = { url: shownUrl(url), chainId, genesis: genesis.hash, finalHeight: blockOf(final)?.number, ...silence() };
  for (const height of heights) {
    const block = blockOf(rest.shift(), height);
    if (block !== undefined && wanted.some((one) => one.height === height && one.chainId === chainId)) {
      view.hashes.set(height, block.hash);
    }
  }
  registries.forEach((registry) => view.codehashes.set(registry, toHex(keccak256(data(must(rest.shift()))))));
  for (const head of heads) {
    const recorded = recordedOf(rest.shift());
    if (recorded !== undefined) {
      view.recorded.set(headKey(head), recorded);
    }
  }
  return { ...view, latest: latest === undefined ? undefined : quantity(latest) };
}

/**
 * The values that differ by their keys, in order of these.
 *
 * @template T
 * @param {T[]} values
 * @param {(value: T) => string} key
 */
const once = (values, key) => [...new Map(values.map((value) => [key(value), value])).values()];

/**
 * @param {bigint[]} heights
 * @param {string[]} registries
 * @param {AnchoredHead[]} heads
 * @returns {[string, Json[]][]}
 */
const callsFor = (heights, registries, heads) => [
  ...heights.map((height) => /** @type {[string, Json[]]} */ (["eth_getBlockByNumber", [`0x${height.toString(16)}`, false]])),
  ...registries.map((registry) => /** @type {[string, Json[]]} */ (["eth_getCode", [`0x${registry}`, "latest"]])),
  // What the registry holds since a final block, it holds in the state after every later one.
  ...heads.map(
    ({ registry, logId, size, root }) =>
      /** @type {[string, Json[]]} */ ([
        "eth_call",
        [{ to: `0x${registry}`, data: ANCHORED + logId + size.toString(16).padStart(64, "0") + root }, "latest"],
      ]),
  ),
];

/**
 * The `result` of each call, in order; undefined where the endpoint reports an error of its own. In one batch, or one by
 * one where the endpoint takes none.
 *
 * @param {string} url
 * @param {[string, Json[]][]} calls
 * @param {AbortSignal} signal
 * @returns {Promise<(Json | undefined)[]>}
 */
async function batch(url, calls, signal) {
  const requests = calls.map(([method, params], index) => ({ jsonrpc: "2.0", id: index + 1, method, params }));
  const together = await post(url, requests, signal).catch((error) => {
    if (error instanceof Unfetched && error.code === "status" && ![401, 403, 429].includes(error.status ?? 0)) {
      return null;
    }
    throw error;
  });
  if (!Array.isArray(together)) {
    const answers = [];
    for (const request of requests) {
      answers.push(resultOf(await post(url, request, signal), request.id));
    }
    return answers;
  }
  if (together.length !== requests.length) {
    throw new Misshapen("It answered a part of what it was asked.");
  }
  return requests.map(({ id }) => {
    const found = together.filter((answer) => objectOf(answer).id === id);
    if (found.length !== 1) {
      throw new Misshapen("It answered a part of what it was asked.");
    }
    return resultOf(found[0], id);
  });
}

/**
 * @param {string} url
 * @param {unknown} request
 * @param {AbortSignal} signal
 */
const post = async (url, request, signal) =>
  parseJson(await fetchBytes(url, { maxBytes: MAX_BYTES, signal, body: JSON.stringify(request) }), MAX_BYTES);

/**
 * @param {Json} answer
 * @param {number} id
 * @returns {Json | undefined}
 */
function resultOf(answer, id) {
  const members = objectOf(answer);
  // Some nodes put an empty result beside an error, some an empty error beside a result.
  const isError = "error" in members && members.error !== null;
  if (members.id !== id || !(isError || "result" in members)) {
    throw new Misshapen("It is no answer to the call.");
  }
  return isError ? undefined : members.result;
}

/**
 * @param {Json | undefined} value
 * @returns {JsonObject}
 */
function objectOf(value) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Misshapen("It is not an object.");
  }
  return value;
}

/**
 * @param {Json | undefined} value
 * @returns {Json}
 */
function must(value) {
  if (value === undefined) {
    throw new Misshapen("It reports an error.");
  }
  return value;
}

/** @param {Json | undefined} value */
function quantity(value) {
  if (typeof value !== "string" || !QUANTITY.test(value)) {
    throw new Misshapen("It is not a hexadecimal number.");
  }
  return BigInt(value);
}

/** @param {Json} value */
function data(value) {
  if (typeof value !== "string" || !DATA.test(value)) {
    throw new Misshapen("It is not hexadecimal data.");
  }
  return fromHex(value.slice(2).toLowerCase());
}

/**
 * What a registry holds; undefined where the call failed, or went to something that is no registry.
 *
 * @param {Json | undefined} value
 */
function recordedOf(value) {
  const words = value === undefined ? new Uint8Array() : data(value);
  return words.length === 96 ? { time: toBigInt(words.subarray(0, 32)), block: toBigInt(words.subarray(64)) } : undefined;
}

/**
 * Number and hash of a block; undefined where the endpoint does not have it.
 *
 * @param {Json | undefined} value
 * @param {bigint} [height]
 */
function blockOf(value, height) {
  if (value === undefined || value === null) {
    return undefined;
  }
  const { number, hash } = objectOf(value);
  const found = quantity(number);
  if ((height !== undefined && found !== height) || typeof hash !== "string" || !HASH.test(hash)) {
    throw new Misshapen("It is another block, or has no hash.");
  }
  return { number: found, hash: hash.slice(2).toLowerCase() };
}
