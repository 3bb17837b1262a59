// What the saved verifier makes of what a reader gives it: what it is, and how it stands to the recorded text.

import assert from "node:assert/strict";
import { test } from "node:test";

import { heldCopy, kindOf, looksLikePage } from "../../notary/web/static/ui/heldcopy.js";
import { parseBundle } from "../../notary/web/static/verify/bundle.js";
import { encode, fromHex } from "../../notary/web/static/verify/bytes.js";
import { linesOfDocument } from "../../notary/web/static/verify/find.js";
import { MEANS } from "./means.js";
import { load } from "./vectors.js";

const VECTORS = new Map(load("verify"));
const BUNDLE = fromHex(VECTORS.get("match").bundle_hex);
const TEXT = parseBundle(BUNDLE).text ?? "";
const LINES = linesOfDocument(TEXT);

/**
 * @param {string | Uint8Array} copy
 * @param {{ name?: string, html?: string, vector?: string }} [given]
 */
const held = (copy, { name = "", html, vector = "match" } = {}) =>
  heldCopy(parseBundle(fromHex(VECTORS.get(vector).bundle_hex)), { bytes: typeof copy === "string" ? encode(copy) : copy, name, html }, MEANS.parse);

/** @param {string[]} lines */
const asPage = (lines) => lines.map((line) => `<p>${line}</p>`).join("");

test("a page is known by its name or its first tag, and by nothing further in", () => {
  for (const name of ["a.html", "A.HTM", "b.xhtml"]) {
    assert.equal(looksLikePage(encode("A"), name), true, name);
  }
  for (const start of ["<!doctype html>", " \n<HTML lang=en>", "<p>A", "<!-- a --><p>", "<body>"]) {
    assert.equal(looksLikePage(encode(start), ""), true, start);
  }
  for (const text of ["", "A <p> b", "a < b", "<3 you", "{}", "<pre>", `${" ".repeat(5_000)}<p>`]) {
    assert.equal(looksLikePage(encode(text), "a.txt"), false, text.slice(0, 20));
  }
});

test("a bundle and a trust file are known by what they say they are", () => {
  assert.equal(kindOf(BUNDLE), "bundle");
  assert.equal(kindOf(encode(VECTORS.get("match").trust)), "trust");
  for (const other of ["", "{}", "[]", '"notary-bundle/1"', '["notary-trust/1"]', "{".repeat(5_000), TEXT, '<p>{"notary-trust/1"}']) {
    assert.equal(kindOf(encode(other)), undefined, other.slice(0, 20));
  }
  assert.equal(kindOf(encode('{"spec":"notary-bundle/2"}')), "bundle");
  assert.equal(kindOf(encode('{"spec":"notary-trust/2"}')), "trust");
  // A bundle whose text speaks of trust files is a bundle.
  assert.equal(kindOf(encode('{"spec":"notary-bundle/1","text":"\\"notary-trust/1\\""}')), "bundle");
});

test("the recorded text is the same, as it is, with its white space lost, and as a page", async () => {
  for (const copy of [TEXT, TEXT.replaceAll("\n", "\r\n"), LINES.join("\n\n"), asPage(LINES)]) {
    assert.equal((await held(copy)).state, "same", copy);
  }
  assert.equal((await held(LINES.join("\n"), { html: asPage(LINES) })).state, "same");
});

test("lines that only stand elsewhere are told from words that differ", async () => {
  const { state, changes } = await held([LINES[1], LINES[0], ...LINES.slice(2)].join("\n"));
  assert.equal(state, "moved");
  assert.equal((changes?.hunks.length ?? 0) > 0, true);
});

test("by the profile a page may differ in typography alone, wherever its lines stand", async () => {
  const page = new TextDecoder().decode(fromHex(VECTORS.get("page-typography").copy.hex));
  assert.equal((await held(page, { name: "a.html", vector: "page-typography" })).state, "typography");
  const genuine = asPage(linesOfDocument(parseBundle(fromHex(VECTORS.get("page-typography").bundle_hex)).text ?? ""));
  const { state, changes } = await held(page.replace(/<\/body>/i, `${genuine}</body>`), { name: "a.html", vector: "page-typography" });
  assert.deepEqual([state, changes], ["typography", undefined]);
});

test("among other text it is around, and the changes are none", async () => {
  const found = await held(["Home", ...LINES, "Print"].join("\n"));
  assert.deepEqual([found.state, found.changes], ["around", undefined]);
});

test("what a page says in the place of its article stands, whatever else is found on it", async () => {
  const vector = "page-no-body"; // whose bundle has a profile: title h1, body #article
  const [title, ...body] = linesOfDocument(parseBundle(fromHex(VECTORS.get(vector).bundle_hex)).text ?? "");
  /** @type {(article: string, foot?: string) => Promise<import("../../notary/web/static/ui/heldcopy.js").Held>} */
  const page = (article, foot = "") =>
    held(`<!doctype html><h1>${title}</h1><div id=article>${article}</div><footer>${foot}</footer>`, { vector });
  const other = "<p>Vehicles over 40 tonnes may cross it.</p>";
  for (const foot of [asPage([title, ...body]), `${asPage([title, ...body])}<img src=x alt=y>`]) {
    const { state, changes } = await page(other, foot);
    assert.deepEqual([state, changes], ["elsewhere", undefined]);
  }
  assert.equal((await page(other, asPage(["Nothing", "of the kind"]))).state, "changed");
  const { state, changes } = await page(asPage([...body.slice(0, -1), `${body[body.length - 1]} not`]));
  assert.deepEqual([state, changes?.hunks.length], ["changed", 1]);
  // Where the profile does not fit, the lines are all there is.
  assert.equal((await held(`<!doctype html>${asPage([title, ...body])}`, { vector })).state, "same");
});

test("formatted text is read with its form, and not as the plain text beside it", async () => {
  const plain = LINES.join("\n");
  assert.equal((await held(plain, { html: asPage([...LINES.slice(0, -1), "Other words."]) })).state, "changed");
  assert.equal((await held("x", { html: asPage(LINES) })).state, "same");
  // What stands beside the words of a page was not compared: never the whole.
  for (const beside of ["<img src=x alt=y>", "<button>Yes</button>", "<p hidden>Not.</p>"]) {
    assert.equal((await held(plain, { html: asPage(LINES) + beside })).state, "more", beside);
  }
});

test("what differs is shown, the recorded words as deleted and the reader's as inserted", async () => {
  const last = LINES[LINES.length - 1];
  const { state, changes } = await held([...LINES.slice(0, -1), `${last} not`].join("\n"));
  assert.equal(state, "changed");
  const segments = changes?.hunks.flatMap(({ rows }) => rows.flatMap((row) => row.segments)) ?? [];
  assert.deepEqual(segments.filter(({ kind }) => kind !== "equal").map(({ kind, text }) => [kind, text.trim()]), [["insert", "not"]]);
  const missing = await held([LINES[0], ...LINES.slice(2)].join("\n"));
  assert.deepEqual([missing.state, missing.changes?.hunks[0].rows.map(({ b, segments: all }) => [b, all])], [
    "changed",
    [[null, [{ kind: "delete", text: LINES[1] }]]],
  ]);
  const added = await held([LINES[0], "Something in between.", ...LINES.slice(1)].join("\n"));
  assert.deepEqual(added.changes?.hunks[0].rows.map(({ a, segments: all }) => [a, all]), [
    [null, [{ kind: "insert", text: "Something in between." }]],
  ]);
});

test("another text is not found, and what is no text is unread; neither is changed", async () => {
  assert.equal((await held("Something else altogether, of many words.")).state, "not-found");
  for (const bytes of [new Uint8Array(0), Uint8Array.of(0x25, 0x50, 0, 0xff, 0xfe, 0), new Uint8Array(17 << 20).fill(0x41)]) {
    const { state, detail, changes } = await held(bytes);
    assert.ok(["unread", "not-found"].includes(state), state);
    assert.notEqual(detail, "");
    assert.equal(changes, undefined);
  }
});
