// What a browser has: its own parser, and WebCrypto.

import { fromDom } from "../../notary/web/static/verify/tree.js";
import { answer } from "./answering.js";

/** @type {import("./answering.js").Means} */
const MEANS = {
  parse: (text) => fromDom(new DOMParser().parseFromString(text, "text/html")),
  sha256: async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", /** @type {BufferSource} */ (bytes))),
};

/**
 * @param {any[]} vectors
 * @returns {Promise<any[]>} what the browser makes of each
 */
export async function answerAll(vectors) {
  const answers = [];
  for (const vector of vectors) {
    answers.push(await answer(vector, MEANS));
  }
  return answers;
}
