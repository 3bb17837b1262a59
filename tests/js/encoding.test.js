// Bytes of pages to characters: the standard's own answer over every sequence, and nothing where there is doubt.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { decodeAs, decodeHtml } from "../../notary/web/static/verify/encoding.js";
import { LABELS } from "../../notary/web/static/verify/encodingtables.js";
import { InvalidText } from "../../notary/web/static/verify/errors.js";
import { lookup } from "../../notary/web/static/verify/prescan.js";
import { SETS, fromHex, results } from "./encodingsets.js";
import { load } from "./vectors.js";

/**
 * @param {Uint8Array} bytes
 * @param {string} encoding
 */
function resultOf(bytes, encoding) {
  try {
    return decodeAs(bytes, encoding);
  } catch (error) {
    assert.ok(error instanceof InvalidText && error.code === "undecodable" && error.position !== undefined);
    return error.position;
  }
}

const vectors = load("encoding");

for (const [, vector] of vectors.filter(([, vector]) => "sets" in vector)) {
  test(`every sequence of ${vector.encoding} is decoded as the standard says`, () => {
    for (const [bytes, wanted] of vector.samples) {
      assert.equal(resultOf(fromHex(bytes), vector.encoding), wanted, bytes);
    }
    // Most of the time would go into the stacks of errors that are none.
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    const lines = Object.keys(vector.sets).map((set) => results(set, (bytes) => resultOf(bytes, vector.encoding)));
    Error.stackTraceLimit = limit;
    const digests = lines.map((text) => createHash("sha256").update(text).digest("hex"));
    assert.deepEqual(digests, Object.values(vector.sets));
  });
}

test("sequences in a row stand for what they stand for alone", () => {
  const accepted = [];
  for (const set of ["two", "gb18030-four"]) {
    for (const sequence of SETS[set]?.() ?? []) {
      const text = resultOf(sequence, "gb18030");
      if (typeof text === "string") {
        accepted.push({ bytes: Buffer.from(sequence), text });
      }
    }
  }
  const joined = Buffer.concat(accepted.map(({ bytes }) => bytes));
  assert.ok(joined.length > 200_000);
  assert.equal(decodeAs(joined, "gb18030"), accepted.map(({ text }) => text).join(""));
  assert.equal(resultOf(Buffer.concat([joined, Buffer.of(0xff)]), "gb18030"), joined.length);
});

test("labels are those of TextDecoder, where it knows the encoding", () => {
  let known = 0;
  for (const [name, labels] of Object.entries(LABELS)) {
    for (const label of labels.split(" ")) {
      assert.equal(lookup(label), name);
      try {
        assert.equal(new TextDecoder(label).encoding, name);
        known += 1;
      } catch (error) {
        // Not decoded by Node.js at all: "replacement" by the standard, and what its build leaves out.
        assert.ok(error instanceof RangeError, label);
      }
    }
  }
  assert.ok(known >= 220);
});

/** @type {[string, string, string | null][]} */
const HOSTILE = [
  ["tags", "<meta charset=utf-8>" + "<a ".repeat(2_000_000), null],
  ["attributes", "<meta " + "a=b c='d' ".repeat(1_000_000) + "><meta charset=utf-8>", null],
  ["one value", "<meta charset='" + " ".repeat(10_000_000) + "x'>", null],
  ["spaces", "<meta charset=utf-8><meta a" + " ".repeat(10_000_000), null],
  ["charset", "<meta charset=utf-8><meta content='" + "charset ".repeat(1_000_000) + "'>", null],
  ["euros", "<meta charset=gbk>" + "\x80".repeat(2_000_000), null],
  ["metas in metas", "<meta charset=utf-8>" + "<meta ".repeat(300_000), "conflicting-encodings"],
  ["metas in one", "<meta charset=utf-8>" + "<meta ".repeat(300_000) + ">", "conflicting-encodings"],
  ["quotes", "<meta charset=utf-8>" + "<meta a='".repeat(300_001), "conflicting-encodings"],
  ["bad at the end", "<meta charset=gbk>" + "\xd6\xd0".repeat(2_000_000) + "\xff", "undecodable"],
];

for (const [name, page, code] of HOSTILE) {
  test(`a hostile page is read in bounded time: ${name}`, () => {
    const bytes = Buffer.from(page, "latin1");
    if (code === null) {
      assert.match(decodeHtml(bytes).source, /^(meta|default)$/);
    } else {
      assert.throws(() => decodeHtml(bytes), { name: "InvalidText", code });
    }
  });
}

for (const [name, vector] of vectors.filter(([, vector]) => "page" in vector)) {
  test(`a page is read by what it declares: ${name}`, () => {
    const bytes = Buffer.from(vector.page, "latin1");
    if ("error" in vector) {
      assert.throws(
        () => decodeHtml(bytes, vector.charset),
        (error) => {
          assert.ok(error instanceof InvalidText);
          assert.deepEqual([error.code, error.position], [vector.error, vector.position]);
          assert.match(error.message, /UTF-8/);
          return true;
        },
      );
    } else {
      const { text, encoding, source } = vector;
      assert.deepEqual(decodeHtml(bytes, vector.charset), { text, encoding, source });
    }
  });
}
