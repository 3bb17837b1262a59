// What the page that checks copies makes of a finding: the verdict, and that nothing but a match of everything is green.

import assert from "node:assert/strict";
import { test } from "node:test";

import { parseBundle } from "../../notary/web/static/verify/bundle.js";
import { encode, fromHex } from "../../notary/web/static/verify/bytes.js";
import { find, linesOfDocument } from "../../notary/web/static/verify/find.js";
import { outcomeOf, uncoveredIn } from "../../notary/web/static/verify/foundcopy.js";
import { pastedPage, pastedText } from "../../notary/web/static/verify/pasted.js";
import { parseTrust } from "../../notary/web/static/verify/trust.js";
import { verify } from "../../notary/web/static/verify/verify.js";
import { foundCode, headlineKey, kindOf, whenKey } from "../../notary/web/static/ui/checkwords.js";
import { readGiven, Unheld } from "../../notary/web/static/ui/held.js";
import { MEANS } from "./means.js";
import { load } from "./vectors.js";
import { readEvidence } from "./verifying.js";

const VECTORS = new Map(load("verify"));

/**
 * Lines, or a page, held against the bundle of a vector.
 *
 * @param {string} name
 * @param {(lines: string[]) => string[] | string} change a string is a page
 * @param {boolean} [development]
 */
async function checkedWith(name, change, development = false) {
  const vector = VECTORS.get(name);
  const bytes = fromHex(vector.bundle_hex);
  const bundle = parseBundle(bytes);
  const text = bundle.text ?? "";
  const given = change(linesOfDocument(text));
  const pasted = typeof given === "string" ? pastedPage(given, MEANS.parse) : pastedText(encode(given.join("\n")));
  const finding = find(text, pasted.lines);
  const uncovered = await uncoveredIn(finding, pasted, bundle.entry.record);
  const trust = "trust" in vector ? parseTrust(encode(vector.trust)) : undefined;
  const evidence = readEvidence(vector.evidence);
  const report = await verify(bundle, { trust, evidence, now: vector.now, found: outcomeOf(finding, uncovered) });
  /** @type {import("../../notary/web/static/ui/checkwords.js").Checked} */
  const checked = { held: { kind: "text", from: "paste", bytes, digests: [], pasted }, bundle, report, finding, uncovered, development };
  return checked;
}

/** @type {(...given: Parameters<typeof checkedWith>) => Promise<string[]>} */
async function said(...given) {
  const checked = await checkedWith(...given);
  return [checked.report.verdict, foundCode(checked), kindOf(checked), whenKey(checked)];
}

/** @param {string[]} lines */
const same = (lines) => lines;
/** @param {string[]} lines */
const changed = (lines) => [...lines.slice(0, -1), `${lines[lines.length - 1]} not`];
/** @param {string[]} lines */
const around = (lines) => ["Home", ...lines, "Foot"];
/** @param {string[]} lines */
const inserted = (lines) => [lines[0], "Something in between.", ...lines.slice(1)];
/** @param {string[]} lines */
const asPage = (lines) => lines.map((line) => `<p>${line}</p>`).join("");

test("a match of everything is green, and on a test chain it is not", async () => {
  assert.deepEqual(await said("match", same), ["match", "same", "pass", "when.proven"]);
  assert.deepEqual(await said("match", same, true), ["match", "same", "test", "when.development"]);
  assert.deepEqual(await said("match", asPage), ["match", "same", "pass", "when.proven"]);
});

test("nothing else is", async () => {
  assert.deepEqual(await said("match", around), ["match-with-unchecked", "same-with-more", "open", "when.proven"]);
  assert.deepEqual(await said("match", changed), ["changed", "changed", "fail", "when.proven"]);
  assert.deepEqual((await said("match", inserted)).slice(0, 3), ["changed", "inserted", "fail"]);
  for (const aside of ["<img src=x alt=y>", "<p hidden>Not.</p>", "<button>Yes</button>", "<a href=/x>y</a>", "<bdo dir=rtl>x</bdo>"]) {
    const found = await said("match", (lines) => asPage(lines).replace("</p><p>", `</p>${aside}<p>`));
    assert.notEqual(found[2], "pass", aside);
    assert.notEqual(found[0], "match", aside);
  }
});

test("where lines stand and how they are divided is told from words that differ, and is no match", async () => {
  const moved = (/** @type {string[]} */ lines) => [lines[1], lines[0], ...lines.slice(2)];
  const joined = (/** @type {string[]} */ lines) => [lines.slice(0, 2).join(" "), ...lines.slice(2)];
  const columns = (/** @type {string[]} */ lines) => `<table><tr><td>Menu</td><td>${asPage(moved(lines))}</td></tr></table>`;
  for (const [name, change] of Object.entries({ moved, joined, columns })) {
    assert.deepEqual((await said("match", change)).slice(0, 3), ["changed", "moved", "open"], name);
  }
  const altered = (/** @type {string[]} */ lines) => moved(lines).map((line, at) => (at === 2 ? `${line} not` : line));
  assert.deepEqual((await said("match", altered)).slice(0, 3), ["changed", "changed", "fail"]);
  // "Now here" is not "nowhere": a space in a word, or one that is gone, alters it.
  for (const [from, to] of [["may not", "maynot"], ["cross", "cr oss"]]) {
    const spaced = (/** @type {string[]} */ lines) => lines.map((line) => line.replace(from, to));
    const [verdict, code, kind] = await said("match", spaced);
    assert.deepEqual([verdict, kind], ["changed", "fail"], to);
    assert.notEqual(code, "moved", to);
  }
});

test("evidence that is missing, old or false is said beside it", async () => {
  assert.deepEqual(await said("offline", same), ["cannot-check", "same", "open", "when.open"]);
  assert.deepEqual(await said("no-trust", same), ["cannot-check", "same", "open", "when.unchecked"]);
  assert.deepEqual(await said("older-revision", same), ["older-revision", "same", "old", "when.older"]);
  const swapped = (/** @type {string[]} */ lines) => [lines[1], lines[0], ...lines.slice(2)];
  assert.deepEqual(await said("older-revision", swapped), ["changed", "moved", "old", "when.older"]);
  assert.deepEqual((await said("other-root", same)).slice(0, 3), ["refuted", "same", "fail"]);
  assert.deepEqual((await said("offline", changed)).slice(0, 3), ["changed", "changed", "fail"]);
  assert.equal((await said("media", same))[2] === "pass", false);
});

test("what only the registry shows is still to be asked, or could not be checked, or is false", async () => {
  assert.deepEqual(await said("storage", same), ["match", "same", "pass", "when.proven"]);
  assert.deepEqual(await said("storage", same, true), ["match", "same", "test", "when.development"]);
  for (const name of ["storage-offline", "storage-no-endpoint"]) {
    assert.deepEqual(await said(name, same), ["cannot-check", "same", "open", "when.open"]);
  }
  for (const name of ["storage-not-said", "storage-disagree", "storage-not-final", "storage-pinned-asked"]) {
    assert.deepEqual(await said(name, same), ["cannot-check", "same", "open", "when.unchecked"]);
  }
  assert.deepEqual(await said("storage-absent", same), ["refuted", "same", "fail", "when.refuted"]);
});

test("the headline repeats nothing of false evidence, and names images that were not compared", async () => {
  const headline = async (/** @type {string} */ name) => headlineKey(await checkedWith(name, same));
  assert.equal(await headline("match"), "found.same");
  assert.equal(await headline("other-root"), "found.refuted");
  assert.equal(await headline("media"), "found.same-without-images");
});

test("what was given is taken for what it is", () => {
  const kindOfGiven = (/** @type {import("../../notary/web/static/ui/held.js").Given} */ given) => readGiven(given, MEANS.parse).kind;
  const bundle = fromHex(VECTORS.get("match").bundle_hex);
  assert.equal(kindOfGiven({ from: "file", bytes: bundle, name: "x.json" }), "bundle");
  assert.equal(kindOfGiven({ from: "file", bytes: encode("<p>A"), name: "x" }), "page");
  assert.equal(kindOfGiven({ from: "file", bytes: encode("a < b"), name: "x.html" }), "page");
  assert.equal(kindOfGiven({ from: "url", bytes: encode("A"), type: "text/html" }), "page");
  assert.equal(kindOfGiven({ from: "file", bytes: encode("A\nB"), name: "x.md" }), "text");
  assert.equal(kindOfGiven({ from: "file", bytes: encode('{"a":1}'), name: "x.txt" }), "text");
  assert.equal(kindOfGiven({ from: "file", bytes: Uint8Array.of(1, 0, 2), name: "x.pdf" }), "file");
  assert.equal(kindOfGiven({ from: "paste", html: "<p>A" }), "page");
  assert.throws(() => readGiven({ from: "file", bytes: bundle.slice(0, -5), name: "x" }, MEANS.parse), Unheld);
});
