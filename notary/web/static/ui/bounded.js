// Fetching with bounds: no more bytes and no more time than allowed, no cookies, no redirects.

/** Why something could not be fetched: a code, and the status where that is the reason. */
export class Unfetched extends Error {
  /**
   * @param {"timeout" | "unreachable" | "status" | "too-large"} code
   * @param {number} [status]
   */
  constructor(code, status) {
    super(status === undefined ? code : `${code} ${status}`);
    this.code = code;
    this.status = status;
  }
}

/**
 * The body of an answer with status 200.
 *
 * @param {string} url
 * @param {{ maxBytes: number, signal: AbortSignal, body?: string }} bounds with a body it is a POST of JSON
 * @returns {Promise<Uint8Array>}
 * @throws {Unfetched}
 */
export async function fetchBytes(url, { maxBytes, signal, body }) {
  try {
    const response = await fetch(url, {
      method: body === undefined ? "GET" : "POST",
      body,
      headers: body === undefined ? {} : { "content-type": "application/json" },
      credentials: "omit",
      redirect: "error",
      referrerPolicy: "no-referrer",
      cache: "no-store",
      signal,
    });
    if (response.status !== 200) {
      throw new Unfetched("status", response.status);
    }
    return await readAll(response, maxBytes);
  } catch (error) {
    if (error instanceof Unfetched) {
      throw error;
    }
    throw new Unfetched(signal.aborted ? "timeout" : "unreachable");
  }
}

/**
 * @param {Response} response
 * @param {number} maxBytes
 */
async function readAll(response, maxBytes) {
  const reader = response.body?.getReader();
  /** @type {Uint8Array[]} */
  const parts = [];
  let size = 0;
  for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
    size += part.value.length;
    if (size > maxBytes) {
      await reader?.cancel();
      throw new Unfetched("too-large");
    }
    parts.push(part.value);
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
