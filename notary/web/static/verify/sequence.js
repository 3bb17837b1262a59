/** Characters as numbers, each with a set of tags; it grows as it is written. */
export class Sequence {
  constructor(capacity = 1024) {
    this.points = new Uint32Array(capacity);
    this.tags = new Uint8Array(capacity);
    this.length = 0;
  }

  /**
   * @param {number} point a code point
   * @param {number} [tags] see markup.js
   */
  push(point, tags = 0) {
    if (this.length === this.points.length) {
      this.#grow(this.length * 2);
    }
    this.points[this.length] = point;
    this.tags[this.length] = tags;
    this.length += 1;
  }

  /**
   * @param {string} text
   * @param {number} [tags]
   */
  pushText(text, tags = 0) {
    for (const char of text) {
      this.push(/** @type {number} */ (char.codePointAt(0)), tags);
    }
  }

  /**
   * Appends what another sequence holds.
   *
   * @param {Sequence} other
   * @param {number} [start]
   * @param {number} [end]
   */
  append(other, start = 0, end = other.length) {
    const length = this.length + end - start;
    if (length > this.points.length) {
      this.#grow(Math.max(length, this.points.length * 2));
    }
    if (end - start > 64) {
      this.points.set(other.points.subarray(start, end), this.length);
      this.tags.set(other.tags.subarray(start, end), this.length);
    } else {
      // For the few characters of a line a view costs more than what it shows.
      for (let from = start, to = this.length; from < end; from += 1, to += 1) {
        this.points[to] = other.points[from];
        this.tags[to] = other.tags[from];
      }
    }
    this.length = length;
  }

  /** @param {number} capacity */
  #grow(capacity) {
    const [points, tags] = [this.points, this.tags];
    this.points = new Uint32Array(capacity);
    this.points.set(points);
    this.tags = new Uint8Array(capacity);
    this.tags.set(tags);
  }
}

/**
 * The string of a stretch of code points. (A call can only have so many arguments.)
 *
 * @param {Uint32Array} points
 * @param {number} [start]
 * @param {number} [end]
 */
export function toText(points, start = 0, end = points.length) {
  if (end - start <= 4096) {
    return String.fromCodePoint(...points.subarray(start, end));
  }
  const parts = [];
  for (let at = start; at < end; at += 4096) {
    parts.push(String.fromCodePoint(...points.subarray(at, Math.min(end, at + 4096))));
  }
  return parts.join("");
}
