// What Node.js has in place of a browser: parse5 for DOMParser, node:crypto for WebCrypto.

import { createHash } from "node:crypto";

import { parse } from "parse5";

import { fromParse5 } from "../../notary/web/static/verify/tree.js";

/** @type {import("./answering.js").Means} */
export const MEANS = {
  parse: (text) => fromParse5(/** @type {any} */ (parse(text, { scriptingEnabled: false }))),
  sha256: (bytes) => createHash("sha256").update(bytes).digest(),
};
