// What the page says and shows, as far as it needs no page: differences, rows, words, articles, bytes.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { articleOf } from "../../notary/web/static/ui/article.js";
import { diffLines } from "../../notary/web/static/ui/diff.js";
import { evidenceOf } from "../../notary/web/static/ui/evidence.js";
import { outcomesOf, resultOf, ROWS, rowOf } from "../../notary/web/static/ui/rows.js";
import { shown } from "../../notary/web/static/ui/tokens.js";
import { Words } from "../../notary/web/static/ui/words.js";
import { parseBundle } from "../../notary/web/static/verify/bundle.js";
import { Aligner } from "../../notary/web/static/verify/sequences.js";
import { tokensOf } from "../../notary/web/static/verify/tokens.js";
import { verify } from "../../notary/web/static/verify/verify.js";
import { Keys } from "./keys.js";
import { load } from "./vectors.js";

for (const [name, vector] of load("diff")) {
  test(`diff: ${name}`, () => {
    if (vector.tokens === undefined) {
      assert.deepEqual(diffLines(vector.a, vector.b).hunks, vector.hunks);
    } else {
      assert.deepEqual(tokensOf(vector.line), vector.tokens);
    }
  });
}

test("without what was inserted a difference is the old text, without what was deleted the new", () => {
  const words = ["one", "two", "three", "一", "二", "four 4.5%", ""];
  const text = (/** @type {number} */ seed) =>
    Array.from({ length: 12 }, (_, line) =>
      Array.from({ length: (seed + line) % 5 }, (__, at) => words[(seed * (line + 3) + at * at) % words.length]).join(" "),
    );
  for (let seed = 0; seed < 200; seed += 1) {
    const [a, b] = [text(seed), text(seed * 7 + 1)];
    const { hunks } = diffLines(a, b);
    const rows = hunks.flatMap((hunk) => hunk.rows);
    for (const row of rows) {
      const without = (/** @type {string} */ kind) => row.segments.filter((one) => one.kind !== kind).map(({ text: part }) => part).join("");
      assert.equal(row.a === null ? "" : without("insert"), row.a === null ? "" : a[row.a - 1]);
      assert.equal(row.b === null ? "" : without("delete"), row.b === null ? "" : b[row.b - 1]);
    }
    assert.equal(a.length - rows.filter((row) => row.a !== null).length, b.length - rows.filter((row) => row.b !== null).length);
  }
});

test("texts that are too long for an exact answer are held together by what occurs once", () => {
  const a = Array.from({ length: 6_000 }, (_, at) => `${at}`);
  const b = a.map((token) => (Number(token) % 2 === 0 ? token : "x"));
  const aligner = new Aligner();
  assert.equal(aligner.align(["begin", ...a, "end"], ["start", ...b, "stop"]).length, 3_000);
  assert.equal(aligner.coarse, false);
  const others = ["a", "b"].map((token) => Array.from({ length: 3_000 }, () => token));
  assert.deepEqual(aligner.align(others[0], others[1]), []);
  assert.equal(aligner.coarse, true);
  assert.deepEqual(diffLines(others[0], others[1]).coarse, true);
});

test("escapes are shown as the characters that they stand for", () => {
  assert.equal(shown("a &lt;b&gt; &amp;amp;"), "a <b> &amp;");
});

test("an article: title, paragraphs, tables, marks; what is malformed as it stands", () => {
  const article = articleOf("T &amp; U\n\n10<sup>6</sup>\na\tb\nc\td\n<b>");
  assert.deepEqual(article.title, [{ text: "T & U", tags: 0 }]);
  assert.deepEqual(article.blocks[0], { paragraph: [{ text: "10", tags: 0 }, { text: "6", tags: 2 }] });
  assert.equal("rows" in article.blocks[1] && article.blocks[1].rows.length, 2);
  assert.deepEqual(article.blocks[2], { paragraph: [{ text: "<b>", tags: 0 }] });
  assert.equal(articleOf("x\n".repeat(3_000)).leftOut, 1_001);
});

test("dates and values", () => {
  const strings = { a: "%(x)s and %(y)s, %(x)s" };
  const english = new Words({ language: "en", strings });
  assert.equal(english.say("a", { x: "%(y)s", y: 2 }), "%(y)s and 2, %(y)s");
  assert.equal(english.time(1_800_000_000_000), "15\u00a0January 2027, 08:00:00\u00a0UTC");
  const chinese = new Words({ language: "zh-Hans", strings });
  assert.equal(chinese.time(1_800_000_000_000), "2027年1月15日 08:00:00（UTC）");
  assert.throws(() => english.say("b"));
});

// A page has no copy to compare, so it never comes to these.
const COPIES = /^(?:changed|typography-only|match-with-unchecked|invalid)$/;

for (const [name, vector] of load("verify").filter(([, one]) => one.report !== undefined && one.bundle_hex !== undefined && COPIES.test(one.report.verdict) === false)) {
  test(`page of ${name}`, async () => {
    const bytes = Uint8Array.from(Buffer.from(vector.bundle_hex, "hex"));
    let bundle;
    try {
      bundle = parseBundle(bytes);
    } catch {
      return; // the page says that it could not be read
    }
    const words = new Keys();
    const report = await verify(bundle, { evidence: { views: [], pinned: new Set(), offline: true }, now: 0 });
    const checks = report.checks.map((check) => {
      const known = vector.report.checks.find((/** @type {{ name: string }} */ one) => one.name === check.name);
      return { ...check, ...known };
    });
    const told = { ...report, verdict: vector.report.verdict, checks };
    const result = resultOf(told, bundle, { development: false }, words);
    assert.equal(result.kind === "pass", told.verdict === "match", told.verdict);
    assert.equal(result.kind === "fail", told.verdict === "refuted", told.verdict);
    assert.notEqual(resultOf(told, bundle, { development: true }, words).kind, "pass");
    const evidence = evidenceOf(bytes, bundle);
    for (const row of /** @type {import("../../notary/web/static/ui/rows.js").RowName[]} */ (Object.keys(ROWS))) {
      const { state } = rowOf(row, bundle, outcomesOf(told), words);
      const states = ROWS[row].map((check) => outcomesOf(told)[check].status);
      const isOpen = states.some((one) => one === "fail" || one === "unchecked");
      assert.equal(state === "pass", states.includes("pass") && !isOpen, `${row} of ${states}`);
      assert.ok(Array.isArray(evidence[row]));
    }
    const isDated = ["inclusion", "anchor", "chain"].every((check) => outcomesOf(told)[check].status === "pass");
    assert.equal(rowOf("date", bundle, outcomesOf(told), words).sentences.includes("date.proven"), isDated);
  });
}

test("bytes to save have the digest that is named beside them", () => {
  const vector = load("verify").find(([name]) => name === "match")?.[1];
  const bytes = Uint8Array.from(Buffer.from(vector.bundle_hex, "hex"));
  const bundle = parseBundle(bytes);
  const rows = evidenceOf(bytes, bundle);
  const saved = Object.values(rows).flatMap((values) => values.flatMap(([, , one]) => one ?? []));
  const digest = (/** @type {Uint8Array[]} */ ...parts) => createHash("sha256").update(Buffer.concat(parts)).digest("hex");
  assert.deepEqual(saved.map(({ digest: named }) => named), [bundle.entry.record.content.sha256, bundle.entry.leafHash]);
  assert.deepEqual([digest(saved[0].bytes), digest(Uint8Array.of(0), saved[1].bytes)], saved.map(({ digest: named }) => named));
  for (const { name, command } of saved) {
    assert.ok(/^[0-9a-f]{16}(?:\.entry\.json|\.txt)$/.test(name) && command.includes(name));
  }
});
