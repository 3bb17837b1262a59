// The characters that a walk over a page gives, as they are written: docs/spec/html.md §3, Text and Markers.

import { isDeleted, isLineEnd, isWhite } from "./codepoints.js";
import { Sequence } from "./sequence.js";

const [LF, SPACE] = [0xa, 0x20];

/** A sequence that is written from the front, and the markers that wait for a character to stand before. */
export class Written {
  sequence = new Sequence();
  /** @type {string[]} */
  #markers = [];

  /** How many characters there are. */
  get length() {
    return this.sequence.length;
  }

  /** How many markers wait. */
  get waiting() {
    return this.#markers.length;
  }

  /**
   * Has a marker stand before the next character that is seen.
   *
   * @param {string} marker
   */
  announce(marker) {
    this.#markers.push(marker);
  }

  putMarkers() {
    for (const marker of this.#markers.splice(0)) {
      this.sequence.pushText(marker);
    }
  }

  putLineEnd() {
    this.put(LF, 0);
  }

  /**
   * @param {string} text
   * @param {number} tags
   */
  putText(text, tags) {
    for (const char of text) {
      this.put(/** @type {number} */ (char.codePointAt(0)), tags);
    }
  }

  /**
   * What a text node gives.
   *
   * @param {string} text
   * @param {import("./walkrules.js").Way} way
   */
  putNode(text, { tags, preformatted }) {
    const parted = preformatted ? text.replaceAll("\r\n", "\n") : text;
    for (const char of parted) {
      const point = /** @type {number} */ (char.codePointAt(0));
      if (isWhite(point)) {
        this.put(preformatted && isLineEnd(point) ? LF : SPACE, tags);
      } else {
        this.put(point, tags);
      }
    }
  }

  /**
   * @param {number} point
   * @param {number} tags
   */
  put(point, tags) {
    if (this.#markers.length > 0 && !isWhite(point) && !isDeleted(point)) {
      this.putMarkers();
    }
    this.sequence.push(point, tags);
  }

  /**
   * Puts another sequence in the place of all from `begin` on.
   *
   * @param {number} begin
   * @param {Sequence} settled
   */
  replaceFrom(begin, settled) {
    this.sequence.length = begin;
    this.sequence.append(settled);
  }
}
