// The trust file in use: the one that this server suggests, or one that the reader gives, kept only if the reader says so.

import { parseTrust } from "../verify/trust.js";
import { fetchBytes } from "./bounded.js";

const ADDRESS = "/.well-known/notary-log.json";
const KEY = "notary-trust";
export const MAX_BYTES = 1 << 20;

/** @typedef {{ trust: import("../verify/trust.js").Trust, source: "server" | "own" | "kept", text: string }} TrustFile */

/**
 * The one that was kept here, else the server's.
 *
 * @param {AbortSignal} signal
 * @returns {Promise<TrustFile>}
 * @throws {import("./bounded.js").Unfetched | import("../verify/errors.js").InvalidTrust}
 */
export async function loadTrust(signal) {
  const text = kept();
  return text === null ? fromServer(signal) : read(new TextEncoder().encode(text), "kept");
}

/**
 * @param {AbortSignal} signal
 * @returns {Promise<TrustFile>}
 */
export const fromServer = async (signal) => read(await fetchBytes(ADDRESS, { maxBytes: MAX_BYTES, signal }), "server");

/**
 * @param {Uint8Array} bytes
 * @param {TrustFile["source"]} source
 * @returns {TrustFile}
 * @throws {import("../verify/errors.js").InvalidTrust}
 */
export const read = (bytes, source) => ({ trust: parseTrust(bytes), source, text: new TextDecoder().decode(bytes) });

/**
 * Keeps a file for the next visit, or, without one, forgets what was kept.
 *
 * @param {string} [text]
 * @returns {boolean} whether the browser lets us
 */
export function keep(text) {
  try {
    if (text === undefined) {
      localStorage.removeItem(KEY);
    } else {
      localStorage.setItem(KEY, text);
    }
    return true;
  } catch {
    return false; // storage may be forbidden or full
  }
}

function kept() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
