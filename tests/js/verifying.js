// What the JavaScript makes of a bundle, in the form of tests/vectors/verify.

import { parseBundle } from "../../notary/web/static/verify/bundle.js";
import { encode, fromHex } from "../../notary/web/static/verify/bytes.js";
import { headKey } from "../../notary/web/static/verify/chain.js";
import { readProfile } from "../../notary/web/static/verify/profile.js";
import { parseTrust } from "../../notary/web/static/verify/trust.js";
import { verify } from "../../notary/web/static/verify/verify.js";
import { membersOf } from "./outcome.js";

/**
 * @param {any} vector
 * @param {import("../../notary/web/static/verify/copies.js").ParsePage} parsePage
 * @returns {Promise<{ report: object } | { error: string }>}
 */
export async function verifyVector(vector, parsePage) {
  try {
    const bundle = parseBundle(fromHex(vector.bundle_hex));
    const trust = "trust" in vector ? parseTrust(encode(vector.trust)) : undefined;
    const copy = "copy" in vector ? readCopy(vector.copy) : undefined;
    const evidence = readEvidence(vector.evidence);
    const { verdict, exit, checks } = await verify(bundle, { trust, evidence, now: vector.now, copy, parsePage });
    return { report: { verdict, exit, checks: checks.map(({ name, status, code }) => ({ name, status, code })) } };
  } catch (error) {
    return { error: membersOf(error).error };
  }
}

/**
 * @param {any} given
 * @returns {import("../../notary/web/static/verify/copies.js").Copy}
 */
function readCopy({ hex, kind, profile, charset, images = {} }) {
  return {
    bytes: fromHex(hex),
    kind,
    charset,
    profile: profile && readProfile(profile),
    images: new Map(Object.entries(images).map(([src, digest]) => [src, fromHex(digest)])),
  };
}

/**
 * @param {any} given
 * @returns {import("../../notary/web/static/verify/chain.js").ChainEvidence}
 */
export function readEvidence({ offline, pinned, views }) {
  return {
    offline,
    pinned: new Set(pinned),
    views: views.map((/** @type {any} */ view) => ({
      url: view.url,
      problem: view.problem ?? undefined,
      chainId: view.chain_id ?? undefined,
      genesis: view.genesis ?? undefined,
      codehashes: new Map(Object.entries(view.codehashes)),
      finalHeight: view.final_height === null ? undefined : BigInt(view.final_height),
      hashes: new Map(Object.entries(view.hashes).map(([height, hash]) => [BigInt(height), hash])),
      latest: view.latest === undefined ? undefined : BigInt(view.latest),
      recorded: new Map((view.recorded ?? []).map(readRecorded)),
    })),
  };
}

/** @param {any} said */
const readRecorded = ({ registry, log_id: logId, size, root, block, time }) => [
  headKey({ registry, logId, size: BigInt(size), root }),
  { block: BigInt(block), time: BigInt(time) },
];
