// Answers and errors in one form, as the vectors have them.

import { NotaryError } from "../../notary/web/static/verify/errors.js";

/**
 * The members of an error that docs/spec fixes.
 *
 * @param {unknown} error
 * @returns {{ error: string, position?: number, field?: string }}
 */
export function membersOf(error) {
  if (!(error instanceof NotaryError)) {
    throw error;
  }
  const { code, position, field } = error;
  return { error: code, ...(position !== undefined && { position }), ...(field !== undefined && { field }) };
}

/**
 * What a call answers, or the members of its error.
 *
 * @template T
 * @param {() => T} call
 * @returns {T | { error: string, position?: number, field?: string }}
 */
export function outcomeOf(call) {
  try {
    return call();
  } catch (error) {
    return membersOf(error);
  }
}
