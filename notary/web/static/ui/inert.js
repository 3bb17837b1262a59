// A page that the reader gives, as a tree: read into a document that is never shown, and that runs and loads nothing.

import { fromDom } from "../verify/tree.js";

/** @typedef {{ createHTML: (text: string) => string }} Policy a browser without Trusted Types takes the string as it is */

const name = "notary-inert";
/** @type {Policy} */
const asItIs = { createHTML: (text) => text };
const factory = /** @type {{ trustedTypes?: { createPolicy: (name: string, rules: Policy) => Policy } }} */ (globalThis).trustedTypes;
const policy = factory?.createPolicy(name, asItIs) ?? asItIs;

/**
 * By the HTML standard, with scripting disabled.
 *
 * @param {string} text
 * @returns {import("../verify/tree.js").PageElement}
 */
export const parsePage = (text) => fromDom(new DOMParser().parseFromString(policy.createHTML(text), "text/html"));
