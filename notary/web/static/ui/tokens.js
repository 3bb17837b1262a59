// How the words of a canonical line are shown: docs/spec/diff.md, Tokens. Nothing here is part of a verdict.

/** @type {Record<string, string>} */
const ESCAPES = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };

/**
 * Tokens as a person reads them: tags stay, what is escaped is not.
 *
 * @param {string} text
 */
export const shown = (text) => text.replaceAll(/&(?:amp|lt|gt);/g, (escape) => ESCAPES[escape]);
