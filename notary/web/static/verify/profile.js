// Which elements of a publisher's pages hold the announcement (docs/spec/html.md, The profile).

import { InvalidText } from "./errors.js";
import { byCodePoints, printable } from "./names.js";
import { parseSelector } from "./selectors.js";

/** @typedef {import("./selectors.js").Complex} Complex */

export const REGIONS = /** @type {const} */ (["title", "date", "source", "body"]);

/** @typedef {typeof REGIONS[number]} Region */

/**
 * @typedef {object} Profile
 * @property {Map<Region, Complex[]>} regions in the order of REGIONS
 * @property {Complex[][]} ignore
 * @property {string} json in canonical form, whose SHA-256 is `profile_sha256`
 */

const SPEC = "notary-profile/1";
const MAX_IGNORED = 64;

/**
 * @param {unknown} value what a JSON parser made of it; one that refuses a name given twice
 * @returns {Profile}
 * @throws {InvalidText} `invalid-profile`, with the field and, inside a selector, the position
 */
export function readProfile(value) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid("profile", "must be an object");
  }
  const members = /** @type {Record<string, unknown>} */ (value);
  if (members.spec !== SPEC) {
    throw invalid("profile.spec", `must be "${SPEC}"`);
  }
  /** @type {Profile["regions"]} */
  const regions = new Map();
  for (const region of REGIONS) {
    if (Object.hasOwn(members, region)) {
      regions.set(region, readSelector(members[region], `profile.${region}`));
    }
  }
  if (!regions.has("body")) {
    throw invalid("profile.body", "is missing: the selector of the element that holds the body");
  }
  const ignore = Object.hasOwn(members, "ignore") ? readIgnored(members.ignore) : [];
  const names = Object.keys(members).sort();
  const known = ["spec", "ignore", ...regions.keys()];
  const unknown = names.filter((name) => !known.includes(name)).sort(byCodePoints)[0];
  if (unknown !== undefined) {
    throw invalid(`profile.${printable(unknown)}`, "is not a known field");
  }
  return { regions, ignore, json: JSON.stringify(Object.fromEntries(names.map((name) => [name, members[name]]))) };
}

/** @param {unknown} value */
function readIgnored(value) {
  if (!Array.isArray(value) || value.length < 1 || value.length > MAX_IGNORED) {
    throw invalid("profile.ignore", `must be a list of 1 to ${MAX_IGNORED} selectors, or left out`);
  }
  return value.map((text, index) => {
    const selector = readSelector(text, `profile.ignore[${index}]`);
    if (value.indexOf(text) < index) {
      throw invalid(`profile.ignore[${index}]`, "is there twice");
    }
    return selector;
  });
}

/**
 * @param {unknown} value
 * @param {string} field
 */
function readSelector(value, field) {
  if (typeof value !== "string") {
    throw invalid(field, "must be a string: a selector");
  }
  try {
    return parseSelector(value);
  } catch (error) {
    if (error instanceof InvalidText) {
      throw new InvalidText(error.message, error.code, error.position, field);
    }
    throw error;
  }
}

/**
 * @param {string} field
 * @param {string} problem
 */
function invalid(field, problem) {
  return new InvalidText(`${field} ${problem}.`, "invalid-profile", undefined, field);
}
