// What a reader's copy says beside a bundle: as it is, else found within what the reader gave. Pure but for the parser given.

import { checkCopy, readCopy, SAME_PAGE, WITH_UNCHECKED } from "../verify/copies.js";
import { InvalidText } from "../verify/errors.js";
import { find, linesOfDocument } from "../verify/find.js";
import { pageText, pastedPage, pastedText } from "../verify/pasted.js";
import { isMoved } from "./moved.js";

/** @typedef {import("../verify/bundle.js").Bundle} Bundle */
/** @typedef {import("../verify/copies.js").Copy} Copy */
/** @typedef {import("../verify/copies.js").ParsePage} ParsePage */
/** @typedef {import("../verify/find.js").Finding} Finding */
/** @typedef {import("../verify/pasted.js").Pasted} Pasted */
/** @typedef {import("./diff.js").Changes} Changes */

/**
 * @typedef {"same" | "file" | "around" | "more" | "typography" | "moved" | "changed" | "elsewhere" | "not-found" | "unread"} HeldState
 *
 * @typedef {object} Held
 * @property {HeldState} state
 * @property {string} detail in the verifier's own words
 * @property {Changes} [changes] what differs, the recorded lines first
 */

const HEAD = 4096;
const MAX_KNOWN = 16 << 20;

/**
 * Whether bytes are to be read as a page.
 *
 * @param {Uint8Array} bytes
 * @param {string} name of the file, empty for what was pasted
 */
export function looksLikePage(bytes, name) {
  const head = new TextDecoder("latin1").decode(bytes.subarray(0, HEAD));
  return /\.x?html?$/i.test(name) || /^[^<\w]*<(?:!--|(?:!doctype|html|head|body|article|main|div|p|h1|meta|title)\b)/i.test(head);
}

/**
 * What a file is by its own words, as far as it is one of ours.
 *
 * @param {Uint8Array} bytes
 * @returns {"bundle" | "trust" | undefined}
 */
export function kindOf(bytes) {
  const text = new TextDecoder("latin1").decode(bytes.subarray(0, MAX_KNOWN));
  if (!/^\s*\{/.test(text)) {
    return undefined;
  }
  // Of any version: of one that is not known here the parser says so.
  return /"notary-bundle\/\d+"/.test(text) ? "bundle" : /"notary-trust\/\d+"/.test(text) ? "trust" : undefined;
}

/**
 * @param {Bundle} bundle whose text was held against its record
 * @param {{ bytes: Uint8Array, name: string, html?: string }} given with `html` the bytes are its plain text
 * @param {ParsePage} parse
 * @returns {Promise<Held>}
 */
export async function heldCopy(bundle, { bytes, name, html }, parse) {
  const { text, entry } = bundle;
  const isText = entry.record.content.kind === "text" && text !== undefined;
  const isPage = html === undefined && looksLikePage(bytes, name);
  try {
    if (isText && html !== undefined) {
      return within(text, pastedPage(html, parse));
    }
    const exact = await exactly(bundle, { bytes, kind: isPage ? "html" : "plain" }, parse);
    if (!isText || ["same", "file", "more"].includes(exact.state)) {
      return exact;
    }
    const found = within(text, isPage ? pastedPage(pageText(bytes), parse) : pastedText(bytes));
    return isPage && exact.state !== "unread" ? placed(exact, found) : found;
  } catch (error) {
    if (error instanceof InvalidText) {
      return { state: "unread", detail: error.message };
    }
    throw error;
  }
}

/**
 * What a page says in the place of its article stands, whatever else is found on it: docs/spec/find.md.
 *
 * @param {Held} exact by the profile, that it is another text
 * @param {Held} found by its lines
 * @returns {Held}
 */
function placed(exact, { state, changes }) {
  if (exact.state === "changed" && state !== "changed" && state !== "typography") {
    return { ...exact, state: "elsewhere" };
  }
  // What only stands elsewhere in the lines of the whole page differs in nothing by the profile.
  return changes === undefined || state !== exact.state ? exact : { ...exact, changes };
}

/**
 * The check `copy` of the verification, on the copy as a whole.
 *
 * @param {Bundle} bundle
 * @param {Copy} copy
 * @param {ParsePage} parse
 * @returns {Promise<Held>}
 */
async function exactly(bundle, copy, parse) {
  /** @type {import("../verify/outcome.js").Outcome} */
  let outcome;
  try {
    outcome = checkCopy(bundle, copy, await readCopy(bundle, copy, parse));
  } catch (error) {
    if (error instanceof InvalidText) {
      return { state: "unread", detail: error.message };
    }
    throw error;
  }
  const { status, code, detail } = outcome;
  if (status === "pass") {
    // Of a page the check covers images and links too, of a text there are none.
    const isWhole = copy.kind !== "html" || code === SAME_PAGE || code === "identical";
    return { state: code === "identical-file" ? "file" : isWhole ? "same" : "more", detail };
  }
  if (code === WITH_UNCHECKED) {
    return { state: "more", detail };
  }
  return { state: status === "unchecked" ? "unread" : code === "typography-only" ? "typography" : "changed", detail };
}

/** @type {{ [code in import("../verify/find.js").FoundCode]: HeldState }} */
const FOUND = {
  same: "same",
  "same-with-more": "around",
  "typography-only": "typography",
  changed: "changed",
  inserted: "changed",
  missing: "changed",
  "not-found": "not-found",
};

/**
 * @param {string} document
 * @param {Pasted} pasted
 * @returns {Held}
 */
function within(document, { lines, page, beside }) {
  const finding = find(document, lines);
  const isOnlyMoved = FOUND[finding.code] === "changed" && isMoved(finding, linesOfDocument(document), lines.map((line) => line.text));
  const state = isOnlyMoved ? "moved" : FOUND[finding.code];
  const isMore = page && beside.length > 0 && (state === "same" || state === "around");
  return {
    state: isMore ? "more" : state,
    detail: finding.code,
    ...(state === "changed" || state === "moved" || state === "typography" ? { changes: changesOf(document, lines, finding) } : {}),
  };
}

/**
 * @param {string} document
 * @param {import("../verify/pasted.js").PastedLine[]} pasted
 * @param {Finding} finding
 * @returns {Changes}
 */
function changesOf(document, pasted, { ops, coarse }) {
  const logged = linesOfDocument(document);
  const hunks = ops
    .filter(({ kind }) => kind !== "same")
    .map(({ a, aEnd, b, bEnd, segments }) => ({
      a: a + 1,
      b: b + 1,
      rows:
        segments !== undefined
          ? [{ a: a + 1, b: b + 1, segments }]
          : [
              ...logged.slice(a, aEnd).map((text, at) => ({ a: a + at + 1, b: null, segments: whole("delete", text) })),
              ...pasted.slice(b, bEnd).map(({ text }, at) => ({ a: null, b: b + at + 1, segments: whole("insert", text) })),
            ],
    }))
    .filter(({ rows }) => rows.length > 0);
  return { hunks, coarse };
}

/**
 * @param {"delete" | "insert"} kind
 * @param {string} text
 */
const whole = (kind, text) => [{ kind, text }];
