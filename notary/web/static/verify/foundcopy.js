// What the check `copy` says where a logged text was found inside what a reader holds: docs/spec/find.md.

import { toHex } from "./bytes.js";
import { WITH_UNCHECKED } from "./copies.js";
import { sha256 } from "./crypto.js";
import { linksDigest } from "./html.js";
import { failed, passed, unchecked } from "./outcome.js";

/** @typedef {import("./find.js").Finding} Finding */
/** @typedef {import("./pasted.js").Pasted} Pasted */
/** @typedef {import("./record.js").Record} Record */
/** @typedef {import("./outcome.js").Outcome} Outcome */

/**
 * What stands within the article's lines and no digest covers, in words.
 *
 * @param {Finding} finding
 * @param {Pasted} pasted
 * @param {Record} record
 * @returns {Promise<string[]>}
 */
export async function uncoveredIn({ from, to }, { beside }, { content }) {
  const inside = beside.filter(({ line }) => line >= from && line <= to - 1);
  const links = inside.flatMap(({ link }) => link ?? []);
  const digest = await linksDigest(links, sha256);
  const covered = digest !== undefined && content.kind === "text" && toHex(digest) === content.linksSha256;
  return inside.filter(({ kind }) => !(covered && kind === "link")).map(({ words }) => words);
}

/**
 * The outcome of the check `copy`; undefined where the text was not found.
 *
 * @param {Finding} finding
 * @param {string[]} uncovered
 * @returns {Outcome | undefined}
 */
export function outcomeOf({ code }, uncovered) {
  const extra = uncovered.length > 0 ? ` Not covered by any digest in the record: ${uncovered.join("; ")}.` : "";
  switch (code) {
    case "same":
      return extra === "" ? passed("same-text", "The copy has the recorded text.") : unchecked(WITH_UNCHECKED, `The copy has the recorded text.${extra}`);
    case "same-with-more":
      return unchecked(WITH_UNCHECKED, `The copy has the recorded text, and other text around it.${extra}`);
    case "typography-only":
      return failed("typography-only", `The copy differs from the recorded text in typography only.${extra}`);
    case "not-found":
      return undefined;
    default:
      return failed("changed", `The copy differs from the recorded text.${extra}`);
  }
}
