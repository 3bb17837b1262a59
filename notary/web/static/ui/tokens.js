// The words of a canonical line, for showing differences: docs/spec/diff.md, Tokens. Nothing here is part of a verdict.

export { tokensOf } from "../verify/tokens.js";

/** @type {Record<string, string>} */
const ESCAPES = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };

/**
 * Tokens as a person reads them: tags stay, what is escaped is not.
 *
 * @param {string} text
 */
export const shown = (text) => text.replaceAll(/&(?:amp|lt|gt);/g, (escape) => ESCAPES[escape]);

/** @param {string} token */
export const isSpace = (token) => /^\s/u.test(token);
