// The vectors under tests/vectors: one JSON file a case.

import { readdirSync, readFileSync } from "node:fs";

const FOLDER = new URL("../vectors/", import.meta.url);

/**
 * The cases of an area by file name.
 *
 * @param {string} area
 * @returns {[string, any][]}
 */
export function load(area) {
  const folder = new URL(`${area}/`, FOLDER);
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  if (names.length === 0) {
    throw new Error(`no vectors for ${area}`);
  }
  return names.sort().map((name) => {
    const text = readFileSync(new URL(name, folder), "utf8");
    return [name.slice(0, -".json".length), JSON.parse(text)];
  });
}
