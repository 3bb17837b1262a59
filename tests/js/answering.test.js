// Every vector about texts and pages, with parse5 for a browser's parser.

import assert from "node:assert/strict";
import { test } from "node:test";

import { answer, expected } from "./answering.js";
import { MEANS } from "./means.js";
import { load } from "./vectors.js";

for (const area of ["text", "text-compare", "html", "selector", "profile"]) {
  for (const [name, vector] of load(area)) {
    test(`${area} vector ${name}`, async () => {
      assert.deepEqual(await answer(vector, MEANS), expected(vector));
    });
  }
}
