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
 *
 * @typedef {object} ChainEvidence all that is known about chains while verifying
 * @property {EndpointView[]} views
 * @property {Set<string>} pinned block hashes
 * @property {boolean} offline whether asking was not wanted
 */

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
  const isPinned = evidence.pinned.has(block.hash);
  const asked = evidence.views.filter(({ chainId }) => {
    return chainId === undefined || chainId === chain.chainId || !allChains.has(chainId);
  });
  if (asked.length === 0) {
    return withoutEndpoints(block, evidence, isPinned);
  }
  const answers = asked.map((view) => ask(view, block, chain));
  const problem = answers.find((answer) => typeof answer === "object");
  if (problem !== undefined) {
    return problem;
  }
  const names = `asked ${asked.map(({ url }) => url).join(", ")}`;
  if (answers.every((answer) => answer === true)) {
    return evidence.pinned.size > 0 && !isPinned
      ? notPinned(block)
      : passed("final-block", `Block ${block.number} of chain ${chain.chainId} is final: ${names}.`);
  }
  if (answers.every((answer) => answer === false) && !isPinned) {
    const what = `Chain ${chain.chainId} has another block at final height ${block.number}: ${names}.`;
    return failed("block-not-canonical", what);
  }
  return unchecked("sources-disagree", `Your sources disagree about block ${block.number} of chain ${chain.chainId}.`);
}

/**
 * @param {{ number: bigint }} block
 * @param {ChainEvidence} evidence
 * @param {boolean} isPinned
 */
function withoutEndpoints(block, { pinned, offline }, isPinned) {
  if (isPinned) {
    return passed("pinned-header", `Block ${block.number} has the block hash that you pinned.`);
  }
  if (pinned.size > 0) {
    return notPinned(block);
  }
  return offline
    ? unchecked("offline", "Offline: whether the anchor's block is on the chain was not asked.")
    : unchecked("no-endpoint", "No endpoint was given to ask whether the anchor's block is on the chain.");
}

/** @param {{ number: bigint }} block */
const notPinned = ({ number }) => unchecked("header-not-pinned", `Block ${number} is none of those whose hash you pinned.`);

/**
 * Whether the endpoint confirms or denies the block, or why its answer does not count.
 *
 * @param {EndpointView} view
 * @param {{ number: bigint, hash: string }} block
 * @param {TrustedChain} chain
 * @returns {Outcome | boolean}
 */
function ask({ url, problem, chainId, genesis, codehashes, finalHeight, hashes }, block, chain) {
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
  if (finalHeight === undefined) {
    return unchecked("no-finality", `${url} does not say which block is final.`);
  }
  if (finalHeight < block.number) {
    const what = `${url} is final up to block ${finalHeight}; the anchor is in block ${block.number}.`;
    return unchecked("not-final", what);
  }
  const known = hashes.get(block.number);
  if (known === undefined) {
    return unchecked("block-unavailable", `${url} did not give the hash of block ${block.number}.`);
  }
  return known === block.hash;
}
