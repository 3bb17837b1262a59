// Names from somebody's JSON: their order by code points, and how they are shown.

/**
 * UTF-16 puts U+E000 to U+FFFF behind all that follows them.
 *
 * @param {string} one
 * @param {string} other
 */
export function byCodePoints(one, other) {
  const [ours, theirs] = [[...one], [...other]];
  const at = ours.findIndex((char, index) => char !== theirs[index]);
  return at < 0 ? ours.length - theirs.length : (ours[at].codePointAt(0) ?? 0) - (theirs[at]?.codePointAt(0) ?? -1);
}

/**
 * A name fit for a message.
 *
 * @param {string} name
 */
export function printable(name) {
  const named = new Map(Object.entries({ "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" }));
  const chars = [...name].slice(0, 100);
  return chars.map((char) => named.get(char) ?? (/[ -~]/.test(char) ? char : escaped(char))).join("");
}

/** @param {string} char */
function escaped(char) {
  const hex = /** @type {number} */ (char.codePointAt(0)).toString(16);
  return hex.length <= 2 ? `\\x${hex.padStart(2, "0")}` : hex.length <= 4 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}

/**
 * How many code points a text has.
 *
 * @param {string} text
 */
export function codePointsIn(text) {
  let count = 0;
  for (const _ of text) {
    count += 1;
  }
  return count;
}
