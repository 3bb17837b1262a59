// What the page says: strings by key, in its language, handed to it by the server. Pure.

const MONTHS = [
  "January", "February", "March", "April", "May", "June",
  "July", "August", "September", "October", "November", "December",
];

/** @typedef {{ [name: string]: unknown }} Values */

export class Words {
  #strings;

  /**
   * @param {{ language: string, strings: { [key: string]: string } }} table
   */
  constructor({ language, strings }) {
    this.language = language;
    this.#strings = new Map(Object.entries(strings));
  }

  /** @param {string} key */
  has(key) {
    return this.#strings.has(key);
  }

  /**
   * The string of a key, with the values in their places.
   *
   * @param {string} key
   * @param {Values} [values]
   */
  say(key, values = {}) {
    const string = this.#strings.get(key);
    if (string === undefined) {
      throw new Error(`no string ${key}`);
    }
    return string.replaceAll(/%\((\w+)\)s/g, (_, name) => String(values[name]));
  }

  /**
   * What the outcome of a check means.
   *
   * @param {string} check
   * @param {import("../verify/outcome.js").Outcome} outcome
   */
  explain(check, { status, code }) {
    const key = `code.${check}.${code}`;
    return this.say(this.has(key) ? key : `any.${status}`);
  }

  /**
   * A point in time, to the second.
   *
   * @param {number} milliseconds since 1970-01-01T00:00:00Z
   */
  time(milliseconds) {
    const at = new Date(milliseconds);
    const clock = at.toISOString().slice(11, 19);
    const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
    return this.language === "en"
      ? `${day}\u00a0${MONTHS[month]} ${year}, ${clock}\u00a0UTC`
      : `${year}年${month + 1}月${day}日 ${clock}（UTC）`;
  }
}
