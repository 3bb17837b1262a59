// Pages parsed into documents that are never shown: nothing in them runs or loads. The one place where Trusted Types lets
// markup through.

import { fromDom } from "../verify/tree.js";

/** @typedef {{ createPolicy: (name: string, rules: { createHTML: (text: string) => string }) => { createHTML: (text: string) => any } }} Factory */

const factory = /** @type {{ trustedTypes?: Factory }} */ (globalThis).trustedTypes;
const policy = factory?.createPolicy("notary-inert", { createHTML: (text) => text });

/**
 * @param {string} text
 * @returns {import("../verify/tree.js").PageElement}
 */
export const parsePage = (text) =>
  fromDom(new DOMParser().parseFromString(policy === undefined ? text : policy.createHTML(text), "text/html"));
