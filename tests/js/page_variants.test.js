// The sample pages and all their variants, as tests/variants makes them: JavaScript comes to what Python comes to, byte for
// byte, and each variant to what it must.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";

import { compare } from "../../notary/web/static/verify/compare.js";
import { answer } from "./answering.js";
import { MEANS } from "./means.js";

/**
 * @typedef {{ src: string, alt: string, sha256?: string }} Image
 * @typedef {object} Taken what became of a page, as in the vectors
 * @property {string} [document]
 * @property {{ kind: string, text: string }[]} [asides]
 * @property {Image[]} [images]
 * @property {{ href: string, text: string }[]} [links]
 * @property {string} [error]
 *
 * @typedef {object} Case recorded page and copy are vectors
 * @property {string} group
 * @property {string} variant
 * @property {string} column
 * @property {string} expected
 * @property {unknown} recorded
 * @property {unknown} copy
 * @property {Taken} python
 */

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/**
 * What a reader would be shown of the copy, in the words of tests/variants/changes.py.
 *
 * @param {Taken} recorded
 * @param {Taken} copy
 */
function judge(recorded, copy) {
  if (copy.error !== undefined) {
    return `refused: ${copy.error}`;
  }
  const [ours, theirs] = [recorded, copy].map(({ document }) => new TextEncoder().encode(document));
  const difference = compare(ours, theirs);
  const listed = [...new Set(copy.asides?.map(({ kind }) => kind))].sort();
  if (!imagesAgree(recorded.images ?? [], copy.images ?? [])) {
    listed.push("images");
  }
  if (copy.links !== undefined && JSON.stringify(copy.links) !== JSON.stringify(recorded.links)) {
    listed.push("links");
  }
  return [difference === "identical" ? "match" : difference, ...listed].join(", ");
}

/**
 * @param {Image[]} recorded
 * @param {Image[]} copy
 */
function imagesAgree(recorded, copy) {
  const media = new Set(recorded.flatMap(({ sha256 }) => sha256 ?? []));
  const shown = new Set(copy.map(({ sha256 }) => sha256));
  return !shown.has(undefined) && [...shown].join() === [...media].join();
}

/** @type {Case[]} */
let cases = [];
/** @type {{ case: Case, taken: Taken, result: string }[]} */
let results = [];

before(async () => {
  // One Python writes all pages, and what it takes from them.
  const options = { cwd: ROOT, maxBuffer: 2 ** 28, encoding: /** @type {const} */ ("utf8") };
  const done = spawnSync(`${ROOT}.venv/bin/python`, ["-m", "tests.variants"], options);
  assert.equal(done.status, 0, done.stderr);
  cases = done.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  /** @type {Map<string, Taken>} */
  const known = new Map();
  for (const each of cases) {
    const key = JSON.stringify(each.recorded);
    const recorded = known.get(key) ?? (await answer(each.recorded, MEANS));
    known.set(key, recorded);
    const taken = await answer(each.copy, MEANS);
    results.push({ case: each, taken, result: judge(recorded, taken) });
  }
});

test("every variant of a sample page comes to what it must", () => {
  /** @type {Map<string, typeof results>} */
  const rows = new Map();
  for (const each of results) {
    const name = `${each.case.group}: ${each.case.variant}`;
    rows.set(name, [...(rows.get(name) ?? []), each]);
  }
  const lines = [...rows].map(([name, cells]) => {
    const marks = cells.map(({ case: { column, expected }, result }) => `${column} ${result === expected ? "ok" : "NO"}`);
    return `${name.padEnd(54)} ${marks.join("  ")}  ${cells[0].case.expected}`;
  });
  console.log(lines.join("\n"));
  const wrong = results.filter(({ case: { expected }, result }) => result !== expected);
  assert.deepEqual(wrong.map(({ case: { variant, column, expected }, result }) => [variant, column, result, expected]), []);
  assert.ok(results.length > 1000);
});

test("JavaScript takes from each variant what Python takes", () => {
  const other = results.filter(({ case: { python }, taken }) => !isDeepStrictEqual(taken, python));
  assert.deepEqual(other.map(({ case: { variant, column } }) => `${variant}, ${column}`), []);
});
