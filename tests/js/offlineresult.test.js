// The sentence of the saved verifier: what each verdict, each copy and each trust file leave of it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { offlineResult, offlineVerdict } from "../../notary/web/static/ui/offlineresult.js";
import { parseBundle } from "../../notary/web/static/verify/bundle.js";
import { encode, fromHex } from "../../notary/web/static/verify/bytes.js";
import { parseTrust } from "../../notary/web/static/verify/trust.js";
import { verify } from "../../notary/web/static/verify/verify.js";
import { Keys } from "./keys.js";
import { load } from "./vectors.js";
import { readEvidence } from "./verifying.js";

/** @typedef {import("../../notary/web/static/ui/heldcopy.js").HeldState} HeldState */

const VECTORS = new Map(load("verify"));

/**
 * How it looks and what it says of the bundle of a vector beside a copy.
 *
 * @param {string} name
 * @param {HeldState} [state]
 * @param {{ development?: boolean, trusted?: string }} [changes]
 */
async function said(name, state, changes = {}) {
  const vector = VECTORS.get(name);
  const bundle = parseBundle(fromHex(vector.bundle_hex));
  const trust = "trust" in vector ? parseTrust(encode(vector.trust)) : undefined;
  const report = await verify(bundle, { trust, evidence: readEvidence(vector.evidence), now: vector.now });
  const given = { development: false, trusted: trust?.origin, ...changes };
  const held = state && { state, detail: "" };
  const { kind, sentence, shows } = offlineResult(report, bundle, held, given, new Keys());
  return [kind, sentence, shows[0]];
}

/** @type {HeldState[]} */
const STATES = ["same", "file", "around", "more", "typography", "moved", "changed", "elsewhere", "not-found", "unread"];

test("without a copy it is what the evidence says", async () => {
  assert.deepEqual(await said("match"), ["pass", "result.match", "shows.claim"]);
  assert.deepEqual(await said("offline"), ["open", "result.open", "shows.open"]);
  assert.deepEqual((await said("older-revision")).slice(0, 2), ["old", "result.older"]);
  assert.deepEqual(await said("other-root"), ["fail", "result.refuted", "shows.nothing"]);
  assert.deepEqual((await said("no-trust")).slice(0, 2), ["open", "result.no-trust"]);
});

test("only a copy that is the same leaves a match green", async () => {
  const kinds = await Promise.all(STATES.map(async (state) => [state, (await said("match", state))[0]]));
  assert.deepEqual(Object.fromEntries(kinds), {
    same: "pass",
    file: "pass",
    around: "open",
    more: "open",
    typography: "open",
    moved: "open",
    changed: "fail",
    elsewhere: "fail",
    "not-found": "open",
    unread: "open",
  });
  assert.equal((await said("match", "same"))[1], "copy.same result.match");
  assert.deepEqual(await said("match", "changed"), ["fail", "copy.changed", "shows.nothing"]);
});

test("no copy makes evidence better than it is", async () => {
  for (const state of STATES) {
    for (const name of ["offline", "no-trust", "older-revision", "other-root"]) {
      assert.notEqual((await said(name, state))[0], "pass", `${name}, ${state}`);
    }
    assert.notEqual((await said("match", state, { development: true }))[0], "pass", state);
    assert.deepEqual(await said("other-root", state), ["fail", "result.refuted", "shows.nothing"]);
  }
  assert.equal((await said("older-revision", "more"))[0], "old");
});

test("of another log than the trust file's nothing is said but that", async () => {
  for (const state of [undefined, ...STATES]) {
    for (const name of ["match", "offline", "older-revision"]) {
      const found = await said(name, state, { trusted: "log.example/another" });
      assert.deepEqual(found, ["open", "result.other-log", "shows.nothing"], `${name}, ${state}`);
    }
  }
  // What is false by itself is false for whatever log it is.
  assert.deepEqual((await said("other-root", undefined, { trusted: "log.example/another" })).slice(0, 2), ["fail", "result.refuted"]);
});

test("of a file that is another one the copy is spoken of, and not the evidence", async () => {
  const names = [...VECTORS].filter(([, { report, copy }]) => report?.verdict === "changed" && copy !== undefined).map(([name]) => name);
  const files = names.filter((name) => parseBundle(fromHex(VECTORS.get(name).bundle_hex)).entry.record.content.kind === "file");
  assert.ok(files.length > 0);
  for (const name of files) {
    const { bundle_hex: hex, trust: written, evidence, now, copy } = VECTORS.get(name);
    const bundle = parseBundle(fromHex(hex));
    const trust = parseTrust(encode(written));
    const report = await verify(bundle, { trust, evidence: readEvidence(evidence), now, copy: { bytes: fromHex(copy.hex), kind: "plain" } });
    const given = { development: false, trusted: trust.origin };
    const { kind, sentence } = offlineResult(report, bundle, { state: "changed", detail: "" }, given, new Keys());
    assert.deepEqual([kind, sentence], ["fail", "copy.changed"], name);
  }
});

test("the verdict is of evidence and copy: false evidence first, then what differs", () => {
  const of = (/** @type {import("../../notary/web/static/verify/verify.js").Verdict} */ verdict, /** @type {HeldState} */ state, isForeign = false) =>
    offlineVerdict({ verdict }, { state, detail: "" }, isForeign);
  for (const verdict of /** @type {const} */ (["match", "cannot-check", "older-revision", "retracted", "match-with-unchecked"])) {
    for (const state of /** @type {const} */ (["changed", "moved", "elsewhere"])) {
      assert.equal(of(verdict, state), "changed");
    }
    assert.equal(of(verdict, "typography"), "typography-only");
    assert.equal(of(verdict, "same"), verdict);
    assert.equal(of(verdict, "changed", true), verdict);
  }
  assert.equal(of("match", "around"), "match-with-unchecked");
  assert.equal(of("match", "more"), "match-with-unchecked");
  assert.equal(of("refuted", "changed"), "refuted");
  assert.equal(offlineVerdict({ verdict: "match" }, undefined, false), "match");
});
