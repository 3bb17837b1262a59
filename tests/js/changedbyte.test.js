// What follows for a changed byte of a bundle whose anchor only the registry's storage shows: docs/spec/verify.md.

import assert from "node:assert/strict";
import { test } from "node:test";

import { parseBundle } from "../../notary/web/static/verify/bundle.js";
import { encode, fromHex } from "../../notary/web/static/verify/bytes.js";
import { headKey } from "../../notary/web/static/verify/chain.js";
import { InvalidInput } from "../../notary/web/static/verify/errors.js";
import { wantedOf } from "../../notary/web/static/verify/logchecks.js";
import { parseTrust } from "../../notary/web/static/verify/trust.js";
import { verify } from "../../notary/web/static/verify/verify.js";
import { load } from "./vectors.js";
import { readEvidence } from "./verifying.js";

const VECTORS = new Map(load("verify"));
const STEP = 7;

/**
 * The exit code for these bytes, with what the vector's endpoint says, which holds nothing of what else it is asked about.
 *
 * @param {any} vector
 * @param {Uint8Array} bytes
 * @param {boolean} [offline]
 */
async function exitOf(vector, bytes, offline = false) {
  const trust = parseTrust(encode(vector.trust));
  let bundle;
  try {
    bundle = parseBundle(bytes);
  } catch (error) {
    assert.ok(error instanceof InvalidInput, `${error}`);
    return 2;
  }
  const evidence = readEvidence(vector.evidence);
  const [view] = evidence.views;
  for (const { head } of wantedOf(bundle, trust)) {
    if (head !== undefined && view.codehashes.has(head.registry) && !view.recorded.has(headKey(head))) {
      view.recorded.set(headKey(head), { block: 0n, time: 0n });
    }
  }
  const given = offline ? { views: [], pinned: new Set(), offline } : evidence;
  return (await verify(bundle, { trust, evidence: /** @type {any} */ (given), now: vector.now })).exit;
}

/**
 * Positions of a number in the bundle.
 *
 * @param {Uint8Array} bytes
 * @param {RegExp} pattern
 */
function positionsOf(bytes, pattern) {
  // One character a byte.
  const found = pattern.exec(Buffer.from(bytes).toString("latin1"));
  assert.ok(found !== null);
  const start = found.index + found[0].indexOf(":") + 1;
  return Array.from({ length: found[1].length }, (_, at) => start + at);
}

/**
 * The bytes with one changed: every digit of the anchor's numbers to every other, elsewhere a sample.
 *
 * @param {Uint8Array} bytes
 * @param {number[]} digits
 * @returns {Generator<[number, Uint8Array]>}
 */
function* changesOf(bytes, digits) {
  for (let position = 0; position < bytes.length; position += 1) {
    const isDigit = digits.includes(position);
    const others = isDigit ? [...encode("0123456789-.")] : position % STEP === 0 ? [bytes[position] ^ 1] : [];
    for (const other of others.filter((one) => one !== bytes[position])) {
      const changed = Uint8Array.from(bytes);
      changed[position] = other;
      yield [position, changed];
    }
  }
}

for (const name of ["storage", "depth-storage"]) {
  test(`no byte of ${name} can change where the registry is asked, and offline only block and time are left open`, async () => {
    const vector = VECTORS.get(name);
    const bytes = fromHex(vector.bundle_hex);
    const claimed = [...positionsOf(bytes, /"block":(\d+)/), ...positionsOf(bytes, /"time":(\d+)\}\]/)];
    assert.equal(await exitOf(vector, bytes), 0);
    assert.equal(await exitOf(vector, bytes, true), 3);
    const leftOpen = new Set();
    for (const [position, changed] of changesOf(bytes, [...claimed, ...positionsOf(bytes, /"chain_id":(\d+)/)])) {
      assert.ok([1, 2].includes(await exitOf(vector, changed)), `${position}`);
      if ((await exitOf(vector, changed, true)) === 3) {
        leftOpen.add(position);
      }
    }
    assert.deepEqual(leftOpen, new Set(claimed));
  });
}
