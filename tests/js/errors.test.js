import assert from "node:assert/strict";
import { test } from "node:test";

import { InvalidText } from "../../notary/web/static/verify/errors.js";

test("an error carries its code and, where known, its position", () => {
  const error = new InvalidText("Not UTF-8.", "undecodable", 7);
  assert.ok(error instanceof Error);
  assert.deepEqual([error.name, error.message, error.code, error.position], ["InvalidText", "Not UTF-8.", "undecodable", 7]);
  assert.equal(new InvalidText("Too long.", "too-large").position, undefined);
});
