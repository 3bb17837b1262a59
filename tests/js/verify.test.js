import assert from "node:assert/strict";
import { test } from "node:test";

import { MEANS } from "./means.js";
import { load } from "./vectors.js";
import { verifyVector } from "./verifying.js";

const VECTORS = load("verify");

for (const [name, vector] of VECTORS) {
  test(`verify vector ${name}`, async () => {
    const { report, error } = vector;
    assert.deepEqual(await verifyVector(vector, MEANS.parse), report === undefined ? { error } : { report });
  });
}

test("there are vectors", () => {
  assert.ok(VECTORS.length >= 90);
});
