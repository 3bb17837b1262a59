// What endpoints say about a chain, as a value, and what follows from it: docs/spec/verify.md, check 8.

import { failed, passed, unchecked } from "./outcome.js";

/** @typedef {import("./outcome.js").Outcome} Outcome */
/** @typedef {import("./trust.js").TrustedChain} TrustedChain */

/**
 * Addresses and hashes are hex digits in lower case, without 0x.
 *
 * @typedef {object} EndpointView what one endpoint answered
 * @property {string} url
 * @property {string} [problem] why it could not be asked; the others are then absent
 * @property {number} [chainId]
 * @property {string} [genesis]
 * @property {Map<string, string>} codehashes of the code at registries, by address
 * @property {bigint} [finalHeight] of the block tagged `finalized`
 * @property {Map<bigint, string>} hashes of the canonical blocks, by height
 * @property {bigint} [latest] number of the newest block
 * @property {Map<string, Recorded>} recorded what registries say of tree heads, by `headKey`
 *
 * @typedef {{ registry: string, logId: string, size: bigint, root: string }} AnchoredHead
 * @typedef {{ block: bigint, time: bigint }} Recorded the block that anchored a head first, 0 for none, and its time
 *
 * @typedef {object} ChainEvidence all that is known about chains while verifying
 * @property {EndpointView[]} views
 * @property {Set<string>} pinned block hashes
 * @property {boolean} offline whether asking was not wanted
 */

/**
 * What names a tree head among those that registries were asked about.
 *
 * @param {AnchoredHead} head
 */
export const headKey = ({ registry, logId, size, root }) => [registry, logId, size, root].join("/");

/**
 * Whether a block is a final block of a chain, as far as the evidence goes.
 *
 * @param {{ number: bigint, hash: string }} block
 * @param {TrustedChain} chain
 * @param {ChainEvidence} evidence
 * @param {Set<number>} allChains the ids of all trusted chains
 * @returns {Outcome}
 */
export function judge(block, chain, evidence, allChains) {
  const { number } = block;
  const isPinned = evidence.pinned.has(block.hash);
  const asked = askedAbout(chain, evidence, allChains);
  if (asked.length === 0) {
    return withoutEndpoints(number, evidence, isPinned);
  }
  const answers = asked.map((view) => confirms(view, block, chain));
  const problem = answers.find((answer) => typeof answer === "object");
  if (problem !== undefined) {
    return problem;
  }
  if (answers.every((answer) => answer === true)) {
    return evidence.pinned.size > 0 && !isPinned
      ? notPinned(number)
      : passed("final-block", `Block ${number} of chain ${chain.chainId} is final: ${namesOf(asked)}.`);
  }
  if (answers.every((answer) => answer === false) && !isPinned) {
    const what = `Chain ${chain.chainId} has another block at final height ${number}: ${namesOf(asked)}.`;
    return failed("block-not-canonical", what);
  }
  return unchecked("sources-disagree", `Your sources disagree about block ${number} of chain ${chain.chainId}.`);
}

/**
 * Whether a chain is final up to a height, by endpoints on which all else is as trusted: all that there is to say of the
 * block of an anchor without a header, which has no hash to compare.
 *
 * @param {bigint} number
 * @param {TrustedChain} chain
 * @param {ChainEvidence} evidence
 * @param {Set<number>} allChains
 * @returns {Outcome}
 */
export function judgeHeight(number, chain, evidence, allChains) {
  const asked = askedAbout(chain, evidence, allChains);
  if (asked.length === 0) {
    return withoutEndpoints(number, evidence, false);
  }
  const problem = asked.map((view) => problemOf(view, number, chain)).find((one) => one !== undefined);
  if (problem !== undefined) {
    return problem;
  }
  return evidence.pinned.size > 0
    ? notPinned(number)
    : passed("final-height", `Chain ${chain.chainId} is final up to block ${number}: ${namesOf(asked)}.`);
}

/**
 * Whether the trusted registry holds a tree head since a block, which must be final. It fails only if every endpoint asked
 * shows a registry that does not hold it, or has it from another block or time, as of blocks that are final there.
 *
 * @param {AnchoredHead} head
 * @param {Recorded} since
 * @param {TrustedChain} chain
 * @param {ChainEvidence} evidence
 * @param {Set<number>} allChains
 * @returns {Outcome}
 */
export function judgeRecorded(head, since, chain, evidence, allChains) {
  const asked = askedAbout(chain, evidence, allChains);
  if (asked.length === 0) {
    return withoutEndpoints(since.block, evidence, false);
  }
  const answers = asked.map((view) => holds(view, head, since, chain));
  const problem = answers.find((answer) => typeof answer === "object");
  if (problem !== undefined) {
    return problem;
  }
  const held = `the tree head of size ${head.size} since block ${since.block} and time ${since.time}: ${namesOf(asked)}.`;
  if (answers.every((answer) => answer === true)) {
    // A hash cannot pin a block whose hash nobody can recompute.
    return evidence.pinned.size > 0 ? notPinned(since.block) : passed("anchored-in-storage", `The registry holds ${held}`);
  }
  return answers.every((answer) => answer === false)
    ? failed("not-in-storage", `The registry does not hold ${held}`)
    : unchecked("sources-disagree", `Your sources disagree about what the registry holds of size ${head.size}.`);
}

/**
 * The endpoints that were asked about a chain: not those that are on another of the trusted chains.
 *
 * @param {TrustedChain} chain
 * @param {ChainEvidence} evidence
 * @param {Set<number>} allChains
 */
const askedAbout = (chain, { views }, allChains) =>
  views.filter(({ chainId }) => chainId === undefined || chainId === chain.chainId || !allChains.has(chainId));

/** @param {EndpointView[]} asked */
const namesOf = (asked) => `asked ${asked.map(({ url }) => url).join(", ")}`;

/**
 * @param {bigint} number
 * @param {ChainEvidence} evidence
 * @param {boolean} isPinned
 */
function withoutEndpoints(number, { pinned, offline }, isPinned) {
  if (isPinned) {
    return passed("pinned-header", `Block ${number} has the block hash that you pinned.`);
  }
  if (pinned.size > 0) {
    return notPinned(number);
  }
  return offline
    ? unchecked("offline", "Offline: whether the anchor's block is on the chain was not asked.")
    : unchecked("no-endpoint", "No endpoint was given to ask whether the anchor's block is on the chain.");
}

/** @param {bigint} number */
const notPinned = (number) => unchecked("header-not-pinned", `Block ${number} is none of those whose hash you pinned.`);

/**
 * Whether the endpoint confirms or denies the block, or why its answer does not count.
 *
 * @param {EndpointView} view
 * @param {{ number: bigint, hash: string }} block
 * @param {TrustedChain} chain
 * @returns {Outcome | boolean}
 */
function confirms(view, { number, hash }, chain) {
  const problem = problemOf(view, number, chain);
  if (problem !== undefined) {
    return problem;
  }
  const known = view.hashes.get(number);
  return known === undefined
    ? unchecked("block-unavailable", `${view.url} did not give the hash of block ${number}.`)
    : known === hash;
}

/**
 * Whether the endpoint's registry holds the head since that block, or why its answer does not count.
 *
 * @param {EndpointView} view
 * @param {AnchoredHead} head
 * @param {Recorded} since
 * @param {TrustedChain} chain
 * @returns {Outcome | boolean}
 */
function holds(view, head, since, chain) {
  const said = view.recorded.get(headKey(head));
  // What it says of another block counts if that one is final, whatever the anchor claims.
  const problem = problemOf(view, said?.block || since.block, chain);
  if (problem !== undefined) {
    return problem;
  }
  return said === undefined
    ? unchecked("storage-unavailable", `${view.url} did not say what the registry holds.`)
    : said.block === since.block && said.time === since.time;
}

/**
 * Why what an endpoint says of a block does not count; undefined if it does.
 *
 * @param {EndpointView} view
 * @param {bigint} number
 * @param {TrustedChain} chain
 * @returns {Outcome | undefined}
 */
function problemOf(view, number, chain) {
  const { url, problem, chainId, genesis, codehashes } = view;
  if (problem !== undefined) {
    return unchecked("endpoint-failed", `${url} could not be asked: ${problem}`);
  }
  if (chainId !== chain.chainId) {
    return unchecked("wrong-chain", `${url} is on chain ${chainId}, not on ${chain.chainId}.`);
  }
  if (genesis !== chain.genesis) {
    const what = `${url} has chain id ${chain.chainId} but another genesis block than the trusted one.`;
    return unchecked("wrong-genesis", what);
  }
  if (codehashes.get(chain.registry) !== chain.registryCodehash) {
    return unchecked("wrong-registry-code", `${url} does not show the trusted registry's code at its address.`);
  }
  const final = finalHeight(view, chain);
  if (final === undefined) {
    return unchecked("no-finality", `${url} does not say which block is final.`);
  }
  return final < number
    ? unchecked("not-final", `${url} is final up to block ${final}; the anchor is in block ${number}.`)
    : undefined;
}

/**
 * Up to which height an endpoint calls blocks of a chain final, by the chain's own rule; negative on a chain that is
 * shorter than the depth.
 *
 * @param {EndpointView} view
 * @param {TrustedChain} chain
 */
function finalHeight(view, { depth }) {
  if (depth === undefined) {
    return view.finalHeight;
  }
  return view.latest === undefined ? undefined : view.latest - depth;
}
