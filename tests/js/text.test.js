import assert from "node:assert/strict";
import { test } from "node:test";

import { compare } from "../../notary/web/static/verify/compare.js";
import { canonicalDocument, canonicalPlain } from "../../notary/web/static/verify/text.js";
import { outcomeOf } from "./outcome.js";
import { load } from "./vectors.js";

test("what is canonical stays as it is", () => {
  const texts = load("text").filter(([, vector]) => "canonical" in vector);
  assert.ok(texts.length > 50);
  for (const [name, { canonical }] of texts) {
    const again = canonicalDocument(Buffer.from(canonical));
    assert.deepEqual([again.text, again.lines.join("\n")], [canonical, canonical], name);
  }
});

test("comparing has no direction", () => {
  for (const [name, { recorded, copy, difference }] of load("text-compare")) {
    assert.equal(compare(Buffer.from(copy), Buffer.from(recorded)), difference, name);
  }
});

test("what is invisible is reported, by code points", () => {
  const { notices } = canonicalPlain(Buffer.from("T\na\u{e0100}\u200bb\u00adc\u200bd\u200ce"));
  assert.deepEqual(notices, [
    { code: "deleted-invisible", codepoint: 0xad, count: 1 },
    { code: "deleted-invisible", codepoint: 0x200b, count: 2 },
    { code: "kept-invisible", codepoint: 0x200c, count: 1 },
    { code: "kept-invisible", codepoint: 0xe0100, count: 1 },
  ]);
});

test("a text has at most 2 MiB, as it comes and as it is written", () => {
  const limit = 2 * 1024 * 1024;
  const plain = Buffer.from(`T\n${"x".repeat(limit - 3)}`);
  assert.equal(canonicalPlain(plain).data.length, limit);
  for (const [canonical, bytes] of /** @type {const} */ ([
    [canonicalPlain, Buffer.from(`T\n${"x".repeat(limit - 1)}`)],
    [canonicalPlain, Buffer.from(`T\n${"&".repeat(limit / 2)}`)],
    [canonicalDocument, Buffer.from(`T\n\n${"x".repeat(limit - 2)}`)],
  ])) {
    assert.deepEqual(outcomeOf(() => canonical(bytes)), { error: "text-too-large" });
  }
});
