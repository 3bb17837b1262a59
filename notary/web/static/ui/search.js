// Asking this server: for entries by digests, for the bytes of a page. It answers errors as problem+json.

import { lineKeys } from "../verify/linekeys.js";

/** @typedef {import("./held.js").Held} Held */
/** @typedef {{ leaf_hash: string, exact: boolean, lines: number, title?: string, publisher: string }} Candidate */

const MAX_LINES = 2000;
const TIMEOUT_MS = 30_000;

/** What the server said is wrong, or that it did not answer. */
export class Unanswered extends Error {
  /**
   * @param {string} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/**
 * A line of a page whose columns are a table: without the empty cells at its ends. Only for finding.
 *
 * @param {string} line
 */
export const withoutColumns = (line) => line.replace(/^\t+|\t+$/g, "");

/**
 * @param {Held} held
 * @returns {Promise<Candidate[]>} best first
 */
export async function search({ digests, pasted }) {
  const texts = (pasted?.lines ?? []).flatMap(({ text, problem }) => (problem === undefined ? [text, withoutColumns(text)] : []));
  const lines = lineKeys(texts, MAX_LINES);
  /** @type {Map<string, Candidate>} */
  const found = new Map();
  for (const [at, digest] of [...digests, ...(digests.length === 0 ? [undefined] : [])].entries()) {
    const asked = { ...(digest && { text_sha256: digest }), ...(at === 0 && lines.length > 0 && { lines }) };
    if (Object.keys(asked).length > 0) {
      const { entries } = await post("/api/v1/lookup", asked);
      for (const entry of /** @type {Candidate[]} */ (entries)) {
        const known = found.get(entry.leaf_hash);
        found.set(entry.leaf_hash, known === undefined || entry.exact ? { ...known, ...entry } : known);
      }
    }
  }
  return [...found.values()].sort((one, other) => Number(other.exact) - Number(one.exact) || other.lines - one.lines);
}

/**
 * A page, fetched by the server.
 *
 * @param {string} url
 * @returns {Promise<import("./held.js").Given>}
 */
export async function fetchPage(url) {
  const { url: final, content_type: type, body_base64: body } = await post("/api/v1/fetch", { url });
  const bytes = Uint8Array.from(atob(body), (char) => char.charCodeAt(0));
  return { from: "url", bytes, type, url: final };
}

/**
 * @param {string} path
 * @param {object} asked
 * @returns {Promise<any>}
 */
async function post(path, asked) {
  let response;
  try {
    response = await fetch(path, {
      method: "POST",
      body: JSON.stringify(asked),
      headers: { "content-type": "application/json" },
      credentials: "omit",
      redirect: "error",
      cache: "no-store",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    throw new Unanswered("unreachable", String(error));
  }
  try {
    const value = await response.json();
    if (response.ok) {
      return value;
    }
    throw new Unanswered(String(value.code), String(value.detail));
  } catch (error) {
    throw error instanceof Unanswered ? error : new Unanswered("unreadable", `${response.status}`);
  }
}
