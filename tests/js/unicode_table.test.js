import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { checkCodePoints } from "../../notary/web/static/verify/codepoints.js";
import { isAssigned, isMark, isNumber } from "../../notary/web/static/verify/unicode_table.js";

// docs/spec/text-1.md, "The pinned table".
const DIGESTS = /** @type {const} */ ([
  ["assigned", isAssigned, "56bfd8197b11cae0c6571bf68382335403b5c15dcd9dedd378651ef018074210"],
  ["marks", isMark, "372106dce7161b113e1ba1dbf2c074fc72610ecfdb08045eefa6b0b771a3b56b"],
  ["numbers", isNumber, "a8788a651bd93bf780474e82e6fc972f98d55995da819d6c8392f94d922bf436"],
]);

for (const [name, has, digest] of DIGESTS) {
  test(`the table of the specification: ${name}`, () => {
    const hash = createHash("sha256");
    for (let point = 0, first = -1; point <= 0x110000; point += 1) {
      const inside = point < 0x110000 && has(point);
      if (inside && first < 0) {
        first = point;
      } else if (!inside && first >= 0) {
        hash.update(`${first.toString(16)}..${(point - 1).toString(16)}\n`.toUpperCase());
        first = -1;
      }
    }
    assert.equal(hash.digest("hex"), digest);
  });
}

test("this platform normalises like the specification", () => {
  const accepted = [];
  for (let point = 0; point < 0x110000; point += 1) {
    try {
      checkCodePoints(Uint32Array.of(point));
      accepted.push(String.fromCodePoint(point));
    } catch {
      // Not accepted.
    }
  }
  assert.equal(digestOf(accepted), "d53bb9f9132a09c0847656ae1a1bdf4309ab33ce283d6ab96b92be8a2ae5a3d1");
  const full = accepted.filter((char) => char < "\uac00" || char > "\ud7a3" || char.length > 1);
  const changed = full.filter((char) => char.normalize("NFD") !== char);
  const parts = changed.map((char) => [...char.normalize("NFD")]);
  const firsts = inOrder([...changed, ...parts.map(([first]) => first)]);
  const others = inOrder(parts.flatMap(([, ...rest]) => rest));
  assert.deepEqual([firsts.length, others.length], [3281, 85]);
  const pairs = firsts.flatMap((first) => others.map((other) => first + other));
  assert.equal(digestOf(pairs), "77d9792499e9e5e3b3de8e2395187a783d149d2b3bd7be9c07d5d47573241778");
});

/** @param {string[]} strings */
function digestOf(strings) {
  return createHash("sha256").update(strings.map((string) => `${string.normalize("NFC")}\n`).join("")).digest("hex");
}

/** @param {string[]} chars */
function inOrder(chars) {
  const points = new Set(chars.map((char) => /** @type {number} */ (char.codePointAt(0))));
  return [...points].sort((one, other) => one - other).map((point) => String.fromCodePoint(point));
}
