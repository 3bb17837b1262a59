// Which elements a profile selects (docs/spec/html.md §2).

import { CONTROLS, firstSummary, isClosed, isEmbedded, isNotShown } from "./elements.js";
import { InvalidText } from "./errors.js";
import { matchAll } from "./selectors.js";
import { ancestorsOf } from "./tree.js";
import { isHidden, MAX_ANCESTORS, tooDeep } from "./walkrules.js";

/** @typedef {import("./profile.js").Profile} Profile */
/** @typedef {import("./profile.js").Region} Region */
/** @typedef {import("./tree.js").PageElement} PageElement */

/**
 * @param {PageElement} root
 * @param {Profile} profile
 * @returns {{ regions: Map<Region, PageElement>, ignored: Set<PageElement> }}
 * @throws {InvalidText} with the field that is at fault
 */
export function select(root, { regions: selectors, ignore }) {
  const found = matchAll(root, [...selectors.values(), ...ignore]);
  /** @type {Map<Region, PageElement>} */
  const regions = new Map();
  for (const [index, name] of [...selectors.keys()].entries()) {
    const [element] = found[index];
    if (element === undefined) {
      throw misfit(`No element matches the selector "${name}".`, "selector-no-match", name);
    }
    if (found[index].size > 1) {
      throw misfit(`${found[index].size} elements match the selector "${name}".`, "selector-ambiguous", name);
    }
    regions.set(name, element);
  }
  for (const [name, element] of regions) {
    if (element.depth > MAX_ANCESTORS) {
      throw tooDeep(name);
    }
    if ([element, ...ancestorsOf(element)].some(isUnseen) || isFolded(element)) {
      throw misfit(`The element of "${name}" is not shown to readers.`, "selected-hidden", name);
    }
  }
  checkOverlap(regions);
  const ignored = new Set(found.slice(selectors.size).flatMap((elements) => [...elements]));
  return { regions, ignored };
}

/** @param {PageElement} element */
function isUnseen(element) {
  const { name } = element;
  const outside = name === "head" || name === "noscript" || CONTROLS.has(name);
  return outside || isNotShown(element) || isEmbedded(element) || isHidden(element);
}

/**
 * Whether a closed `details` folds it away.
 *
 * @param {PageElement} element
 */
function isFolded(element) {
  const inside = [element, ...ancestorsOf(element)];
  return inside.slice(1).some((ancestor, at) => isClosed(ancestor) && firstSummary(ancestor) !== inside[at]);
}

/** @param {Map<Region, PageElement>} regions */
function checkOverlap(regions) {
  /** @type {Map<PageElement, Region>} */
  const owners = new Map([...regions].reverse().map(([name, element]) => [element, name]));
  for (const [name, element] of regions) {
    const same = owners.get(element);
    const around = [...ancestorsOf(element)].map((ancestor) => owners.get(ancestor));
    const other = same !== name ? same : around.find((owner) => owner !== undefined && owner !== "body");
    if (other !== undefined) {
      throw misfit(`"${name}" selects what "${other}" selects too.`, "profile-overlap", name);
    }
  }
}

/**
 * @param {string} message
 * @param {string} code
 * @param {Region} field
 */
const misfit = (message, code, field) => new InvalidText(message, code, undefined, field);
