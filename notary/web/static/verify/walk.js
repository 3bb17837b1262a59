// From the elements of the regions to characters (docs/spec/html.md §3).

import { BLOCKS, CONTROLS, firstSummary, isClosed, isEmbedded, isNotShown } from "./elements.js";
import { InvalidText } from "./errors.js";
import { listAround, markersOf } from "./ordinals.js";
import { bordersBefore, linesOf, movedPlace, settledRow } from "./rowlines.js";
import { asideOf, embeddedAside, foldedAside, imageOf, shownText, skippedAside, unshownAside } from "./shown.js";
import { asciiTrim } from "./style.js";
import { asDrawn, Rows } from "./tables.js";
import { ancestorsOf, isElement } from "./tree.js";
import { inside, isHidden, isLink, MAX_ANCESTORS, requireNoDirection, requireNoEscape, tooDeep } from "./walkrules.js";
import { Written } from "./written.js";

/** @typedef {import("./tree.js").PageElement} PageElement */
/** @typedef {import("./shown.js").Aside} Aside */
/** @typedef {import("./shown.js").FoundImage} FoundImage */
/** @typedef {{ href: string, text: string }} Link */
/** @typedef {{ code: string, text: string }} Doubt an element for which a page with a profile would be refused, and why */
/** @typedef {import("./walkrules.js").Way} Way */

/** @type {Record<string, [string, string]>} */
const SURROUNDED = { q: ["\u201c", "\u201d"], rt: ["(", ")"], rtc: ["(", ")"] };

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

  #out = new Written();
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
      way = inside(element, way);
    }
    return way.tags;
  }

  /**
   * The characters of a region.
   *
   * @param {PageElement} region
   * @param {number} tags those in force around it
   * @returns {import("./sequence.js").Sequence}
   */
  walk(region, tags) {
    this.#out = new Written();
    this.#visit(region, { tags, preformatted: false }, region);
    return this.#out.sequence;
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
      this.#out.putLineEnd();
    } else if (isNotShown(element)) {
      this.#note(this.asides, unshownAside(element));
    } else if (this.#setAside(element)) {
      if (block && this.ignored.has(element)) {
        this.#out.putLineEnd();
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
      this.#out.putLineEnd();
      return;
    }
    if (isLink(element)) {
      const href = asciiTrim(element.attributes.get("href") ?? "");
      this.#note(this.links, [{ href, text: shownText(element, isLink) }]);
    }
    if (block) {
      this.#out.putLineEnd();
    }
    if (name === "tr") {
      this.#row(element, inside(element, way));
    } else if (name === "li") {
      this.#item(element, way);
    } else if (isClosed(element)) {
      this.#folded(element, inside(element, way));
    } else {
      this.#around(element, way);
    }
    if (block) {
      this.#out.putLineEnd();
    }
  }

  /**
   * @param {PageElement} element
   * @param {Way} way
   */
  #around(element, way) {
    const [before, after] = SURROUNDED[element.name] ?? ["", ""];
    this.#out.putText(before, way.tags);
    this.#children(element, inside(element, way));
    this.#out.putText(after, way.tags);
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
   * @param {PageElement} element
   * @param {Way} way
   */
  #children(element, way) {
    for (const child of element.name === "table" ? asDrawn(element, isHidden) : element.children) {
      if (isElement(child)) {
        this.#visit(child, way);
      } else {
        this.#out.putNode(child.text, way);
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
    const { waiting } = this.#out;
    this.#out.announce(marker);
    this.#children(item, inside(item, way));
    if (this.#out.waiting > waiting) {
      this.#out.putMarkers();
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
        this.#children(cell, inside(cell, way));
      }
      return linesOf(this.#out.sequence, start);
    });
    const borders = bordersBefore(cells);
    this.rows.add(borders);
    const { settled, moved } = settledRow(this.#out.sequence, cells, begin, borders);
    this.#out.replaceFrom(begin, settled);
    for (const place of this.places.slice(noted)) {
      place.at = movedPlace(place.at, moved, begin);
    }
  }
}
