// Words that say their keys.

import { Words } from "../../notary/web/static/ui/words.js";

/** Says the key and the values, so that tests see which sentence was chosen. */
export class Keys extends Words {
  constructor() {
    super({ language: "en", strings: {} });
  }

  /** @override */
  has() {
    return true;
  }

  /**
   * @override
   * @param {string} key
   */
  say(key) {
    return key;
  }
}
