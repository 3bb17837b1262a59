// Every vector of a folder, held against what is made of it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { outcomeOf } from "./outcome.js";
import { load } from "./vectors.js";

/**
 * Of a good case all that was made must be in the vector, and there be as it was made; of a bad one its code, and field and
 * position where the vector has them.
 *
 * @param {string} area
 * @param {number} atLeast how many vectors there are
 * @param {(vector: any) => object} make
 */
export function runVectors(area, atLeast, make) {
  const vectors = load(area);
  for (const [name, vector] of vectors) {
    test(`${area} vector ${name}`, () => {
      const made = /** @type {{ [name: string]: unknown }} */ (outcomeOf(() => make(vector)));
      if ("error" in vector) {
        assert.equal(made.error, vector.error);
        assert.equal(made.field, "field" in vector ? vector.field : made.field);
        assert.equal(made.position, "position" in vector ? vector.position : made.position);
        return;
      }
      assert.deepEqual(made, Object.fromEntries(Object.keys(made).map((member) => [member, vector[member]])));
    });
  }
  test(`there are vectors of ${area}`, () => {
    assert.ok(vectors.length >= atLeast);
  });
}
