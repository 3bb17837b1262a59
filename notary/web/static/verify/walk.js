// From the elements of the regions to characters (docs/spec/html.md §3).

import { isDeleted, isLineEnd, isWhite } from "./codepoints.js";
import { BLOCKS, CONTROLS, firstSummary, isClosed, isEmbedded, isNotShown, PREFORMATTED } from "./elements.js";
import { InvalidText } from "./errors.js";
import { BIT } from "./markup.js";
import { listAround, markersOf } from "./ordinals.js";
import { Sequence } from "./sequence.js";
import { asideOf, embeddedAside, foldedAside, imageOf, shownText, skippedAside, unshownAside } from "./shown.js";
import { asciiTrim, declarationsOf, directs, hides, tagsOf } from "./style.js";
import { asDrawn, Rows } from "./tables.js";
import { ancestorsOf, isElement } from "./tree.js";

/** @typedef {import("./tree.js").PageElement} PageElement */
/** @typedef {import("./shown.js").Aside} Aside */
/** @typedef {import("./shown.js").FoundImage} FoundImage */
/** @typedef {{ href: string, text: string }} Link */
/** @typedef {{ code: string, text: string }} Doubt an element for which a page with a profile would be refused, and why */

/**
 * @typedef {object} Way what holds where the walk is
 * @property {number} tags those in force
 * @property {boolean} preformatted
 */

export const MAX_ANCESTORS = 255;

const [TAB, LF, SPACE] = [0x9, 0xa, 0x20];

/** @type {Record<string, number>} */
const TAGS = { sup: BIT.sup, sub: BIT.sub, s: BIT.s, del: BIT.s, strike: BIT.s, ins: BIT.ins };

/** @type {Record<string, [string, string]>} */
const SURROUNDED = { q: ["\u201c", "\u201d"], rt: ["(", ")"], rtc: ["(", ")"] };

/** @param {PageElement} element */
const isLink = ({ html, name, attributes }) => html && name === "a" && attributes.has("href");

/** @param {PageElement} element */
const styleOf = ({ attributes }) => declarationsOf(attributes.get("style") ?? "");

/**
 * Whether the element itself says that it is not to be seen.
 *
 * @param {PageElement} element
 */
export function isHidden(element) {
  const { name, attributes } = element;
  return attributes.has("hidden") || attributes.has("popover") || (name === "dialog" && !attributes.has("open")) || hides(styleOf(element));
}

/** @param {PageElement} element */
function requireNoEscape({ attributes }) {
  const style = attributes.get("style") ?? "";
  if (style.includes("\\") || style.includes("/*")) {
    throw new InvalidText("A style has a backslash or a comment, which can hide what it says. Remove it.", "style-escape");
  }
}

/** @param {PageElement} element */
function requireNoDirection(element) {
  const { name, attributes } = element;
  if (name === "bdo" || name === "bdi" || (attributes.has("dir") && !BLOCKS.has(name)) || directs(styleOf(element))) {
    throw new InvalidText("The direction of text is set within a line. Remove that.", "inline-direction");
  }
}

/** One walk after another over the regions of a page, and what was met in all of them. */
export class Walker {
  /** @type {Aside[]} */
  asides = [];
  /** @type {FoundImage[]} */
  images = [];
  /** @type {Link[]} */
  links = [];

  /** @type {Doubt[]} of a lenient walk: what it would else have refused */
  doubts = [];
  /** @type {{ item: Aside | FoundImage | Link | Doubt, at: number }[]} where in the walk's characters each of these stood */
  places = [];

  #out = new Sequence();
  /** @type {string[]} markers that wait for a character to stand before */
  #markers = [];
  /** @type {Map<PageElement, Map<PageElement, string>>} */
  #lists = new Map();

  /**
   * @param {ReadonlySet<PageElement>} regions
   * @param {ReadonlySet<PageElement>} ignored
   * @param {boolean} [lenient] to take down what could only be seen to be right in a browser, instead of refusing the page
   */
  constructor(regions, ignored, lenient = false) {
    this.regions = regions;
    this.ignored = ignored;
    this.lenient = lenient;
    this.rows = new Rows();
  }

  /**
   * The tags that the elements around a region put in force; refuses those that the walk would refuse.
   *
   * @param {PageElement} region
   */
  tagsAround(region) {
    let way = { tags: 0, preformatted: false };
    for (const element of [...ancestorsOf(region)].reverse()) {
      this.#require(requireNoEscape, element);
      this.#require(requireNoDirection, element);
      way = this.#inside(element, way);
    }
    return way.tags;
  }

  /**
   * The characters of a region.
   *
   * @param {PageElement} region
   * @param {number} tags those in force around it
   * @returns {Sequence}
   */
  walk(region, tags) {
    this.#out = new Sequence();
    this.#visit(region, { tags, preformatted: false }, region);
    return this.#out;
  }

  /**
   * @param {PageElement} element
   * @param {Way} way
   * @param {PageElement} [region] the one that is walked, where it is the element itself
   */
  #visit(element, way, region) {
    const { name } = element;
    const block = BLOCKS.has(name);
    if (element !== region && this.regions.has(element)) {
      this.#put(LF, 0);
    } else if (isNotShown(element)) {
      this.#note(this.asides, unshownAside(element));
    } else if (this.#setAside(element)) {
      if (block && this.ignored.has(element)) {
        this.#put(LF, 0);
      }
    } else if (isEmbedded(element)) {
      this.#note(this.asides, embeddedAside(element));
    } else if (name === "img") {
      this.#note(this.images, [imageOf(element)]);
    } else if (CONTROLS.has(name) || name === "noscript") {
      this.#note(this.asides, skippedAside(element));
    } else {
      this.#enter(element, way, block);
    }
  }

  /**
   * What is ignored or hidden is reported, and what cannot be judged is refused.
   *
   * @param {PageElement} element
   * @returns {boolean} whether it was reported
   */
  #setAside(element) {
    if (this.ignored.has(element)) {
      this.#note(this.asides, asideOf(element, "ignored"));
      return true;
    }
    this.#require(requireNoEscape, element);
    if (isHidden(element)) {
      this.#note(this.asides, asideOf(element, "hidden"));
      return true;
    }
    this.#require(requireNoDirection, element);
    return false;
  }

  /**
   * @template {Aside | FoundImage | Link | Doubt} T
   * @param {T[]} list
   * @param {T[]} items
   */
  #note(list, items) {
    for (const item of items) {
      list.push(item);
      this.places.push({ item, at: this.#out.length });
    }
  }

  /**
   * @param {(element: PageElement) => void} check
   * @param {PageElement} element
   */
  #require(check, element) {
    try {
      check(element);
    } catch (error) {
      if (!this.lenient || !(error instanceof InvalidText)) {
        throw error;
      }
      this.#note(this.doubts, [{ code: error.code, text: shownText(element) }]);
    }
  }

  /**
   * @param {PageElement} element one with text of its own
   * @param {Way} way
   * @param {boolean} block
   */
  #enter(element, way, block) {
    const { name } = element;
    if (element.depth > MAX_ANCESTORS) {
      throw tooDeep();
    }
    if (name === "wbr") {
      return;
    }
    if (name === "br" || name === "hr") {
      this.#put(LF, 0);
      return;
    }
    if (isLink(element)) {
      const href = asciiTrim(element.attributes.get("href") ?? "");
      this.#note(this.links, [{ href, text: shownText(element, isLink) }]);
    }
    if (block) {
      this.#put(LF, 0);
    }
    if (name === "tr") {
      this.#row(element, this.#inside(element, way));
    } else if (name === "li") {
      this.#item(element, way);
    } else if (isClosed(element)) {
      this.#folded(element, this.#inside(element, way));
    } else {
      this.#around(element, way);
    }
    if (block) {
      this.#put(LF, 0);
    }
  }

  /**
   * @param {PageElement} element
   * @param {Way} way
   */
  #around(element, way) {
    const [before, after] = SURROUNDED[element.name] ?? ["", ""];
    this.#putText(before, way.tags);
    this.#children(element, this.#inside(element, way));
    this.#putText(after, way.tags);
  }

  /**
   * @param {PageElement} details
   * @param {Way} way
   */
  #folded(details, way) {
    const summary = firstSummary(details);
    this.#note(this.asides, foldedAside(details, summary));
    if (summary !== undefined) {
      this.#visit(summary, way);
    }
  }

  /**
   * What holds for its children.
   *
   * @param {PageElement} element
   * @param {Way} way
   * @returns {Way}
   */
  #inside(element, { tags, preformatted }) {
    const own = [TAGS[element.name] ?? 0, ...tagsOf(styleOf(element)).map((tag) => BIT[tag])];
    return {
      tags: own.reduce((all, bit) => all | bit, tags),
      preformatted: preformatted || PREFORMATTED.has(element.name),
    };
  }

  /**
   * @param {PageElement} element
   * @param {Way} way
   */
  #children(element, way) {
    for (const child of element.name === "table" ? asDrawn(element, isHidden) : element.children) {
      if (isElement(child)) {
        this.#visit(child, way);
      } else {
        this.#text(child.text, way);
      }
    }
  }

  /**
   * @param {string} text
   * @param {Way} way
   */
  #text(text, { tags, preformatted }) {
    const parted = preformatted ? text.replaceAll("\r\n", "\n") : text;
    for (const char of parted) {
      const point = /** @type {number} */ (char.codePointAt(0));
      if (isWhite(point)) {
        this.#put(preformatted && isLineEnd(point) ? LF : SPACE, tags);
      } else {
        this.#put(point, tags);
      }
    }
  }

  /**
   * @param {PageElement} item
   * @param {Way} way
   */
  #item(item, way) {
    const marker = this.#markerOf(item);
    if (marker === "") {
      this.#around(item, way);
      return;
    }
    const waiting = this.#markers.length;
    this.#markers.push(marker);
    this.#children(item, this.#inside(item, way));
    if (this.#markers.length > waiting) {
      this.#putMarkers();
    }
  }

  /** @param {PageElement} item */
  #markerOf(item) {
    const list = listAround(item);
    if (list === null) {
      return "";
    }
    let markers = this.#lists.get(list);
    if (markers === undefined) {
      markers = markersOf(list, isHidden);
      this.#lists.set(list, markers);
    }
    return markers.get(item) ?? "";
  }

  /**
   * One line if each cell has at most one, without cells of its own; else the lines of all cells.
   *
   * @param {PageElement} row
   * @param {Way} way
   */
  #row(row, way) {
    const places = this.rows.placesOf(row, this.regions.has(row));
    const begin = this.#out.length;
    const noted = this.places.length;
    const cells = places.map((cell) => {
      const start = this.#out.length;
      if (cell !== null && !this.regions.has(cell) && !this.#setAside(cell)) {
        if (cell.depth > MAX_ANCESTORS) {
          throw tooDeep();
        }
        this.#children(cell, this.#inside(cell, way));
      }
      return linesOf(this.#out, start);
    });
    // Where several cells have lines, each line says by TABs before it in which of them it stands.
    const told = cells.filter(({ bounds }) => bounds.length > 0).length > 1;
    const single = cells.every(({ bounds, tab }) => bounds.length <= 2 && !tab);
    const tabs = cells.reduce((sum, { bounds }, index) => sum + (index * bounds.length) / 2, 0);
    if (told && !single) {
      this.rows.add(tabs);
    }
    const settled = new Sequence(this.#out.length - begin + places.length + 1 + (told && !single ? tabs : 0));
    /** @type {[number, number, number][]} where each line of a cell began and ended, and where it begins now */
    const moved = [];
    if (single) {
      for (const [index, { bounds }] of cells.entries()) {
        if (index > 0) {
          settled.push(TAB);
        }
        moved.push([bounds[0] ?? begin, bounds[1] ?? begin, begin + settled.length]);
        settled.append(this.#out, bounds[0] ?? 0, bounds[1] ?? 0);
      }
    } else {
      for (const [index, { bounds }] of cells.entries()) {
        for (let at = 0; at < bounds.length; at += 2) {
          for (let tab = 0; told && tab < index; tab += 1) {
            settled.push(TAB);
          }
          moved.push([bounds[at], bounds[at + 1], begin + settled.length]);
          settled.append(this.#out, bounds[at], bounds[at + 1]);
          settled.push(LF);
        }
      }
    }
    this.#out.length = begin;
    this.#out.append(settled);
    for (const place of this.places.slice(noted)) {
      // Between two lines, which now follow each other closely, half a place remains.
      const [from, end, to] = moved.filter(([start]) => start <= place.at).pop() ?? [begin, begin, begin];
      place.at = place.at <= end ? to + place.at - from : to + end - from + 0.5;
    }
  }

  #putMarkers() {
    const markers = this.#markers;
    this.#markers = [];
    for (const marker of markers) {
      this.#out.pushText(marker);
    }
  }

  /**
   * @param {string} text
   * @param {number} tags
   */
  #putText(text, tags) {
    for (const char of text) {
      this.#put(/** @type {number} */ (char.codePointAt(0)), tags);
    }
  }

  /**
   * @param {number} point
   * @param {number} tags
   */
  #put(point, tags) {
    if (this.#markers.length > 0 && !isWhite(point) && !isDeleted(point)) {
      this.#putMarkers();
    }
    this.#out.push(point, tags);
  }
}

/**
 * The lines from `start` on that have anything but white space, borders of cells and what is deleted: by turns where one
 * begins and ends; and whether any of them has such a border.
 *
 * @param {Sequence} sequence
 * @param {number} start
 */
function linesOf({ points, length }, start) {
  /** @type {number[]} */
  const bounds = [];
  let tab = false;
  for (let from = start; from < length; ) {
    let [end, shows, divided] = [from, false, false];
    for (; end < length && points[end] !== LF; end += 1) {
      divided ||= points[end] === TAB;
      shows ||= !isWhite(points[end]) && !isDeleted(points[end]);
    }
    if (shows) {
      bounds.push(from, end);
      tab ||= divided;
    }
    from = end + 1;
  }
  return { bounds, tab };
}

/** @param {string} [field] */
export const tooDeep = (field) =>
  new InvalidText("The page nests its elements too deep.", "page-too-deep", undefined, field);
