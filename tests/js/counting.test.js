// The stage that runs these tests counts them by scripts/_dev/counting.mjs: nothing that went untested looks tested.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const REPORTER = new URL("../../scripts/_dev/counting.mjs", import.meta.url).href;

/** @param {string} source */
function countsOf(source) {
  const folder = mkdtempSync(join(tmpdir(), "notary-counting-"));
  try {
    const file = join(folder, "it.test.mjs");
    writeFileSync(file, `import { describe, test } from "node:test";\n${source}`);
    // A test runner that finds itself inside another one reports to that one only.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const command = ["--test", `--test-reporter=${REPORTER}`, file];
    const done = spawnSync(process.execPath, command, { cwd: folder, env, encoding: "utf8" });
    const { passed, failed, skipped } = JSON.parse(done.stdout);
    return [passed, failed, skipped.length];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const CASES = /** @type {const} */ ([
  ["passed", "test('a', () => {}); test('b', () => {});", [2, 0, 0]],
  ["failed", "test('a', () => {}); test('b', () => { throw new Error('no'); });", [1, 1, 0]],
  ["no tests", "", [0, 1, 0]],
  ["broken module", "throw new Error('no');", [0, 1, 0]],
  ["skipped", "test('a', () => {}); test.skip('b', () => {}); test('c', { skip: '' }, () => {});", [1, 0, 2]],
  ["to do", "test('a', () => {}); test.todo('b'); test.todo('c', () => { throw new Error('no'); });", [1, 0, 2]],
  ["skipped from within", "test('a', (t) => t.skip());", [0, 0, 1]],
  ["a suite is no test", "describe('s', () => { test('a', () => {}); });", [1, 0, 0]],
  ["a failing subtest fails its test", "test('a', async (t) => { await t.test('b', () => { throw 1; }); });", [0, 2, 0]],
  ["vanished", "test('a', () => {}); test('b', () => { process.exit(0); }); test('c', () => {});", [0, 1, 0]],
]);

for (const [name, source, counts] of CASES) {
  test(`what node did is counted: ${name}`, () => {
    assert.deepEqual(countsOf(source), counts);
  });
}
