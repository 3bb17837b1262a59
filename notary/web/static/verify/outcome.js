// How a check ended: docs/spec/verify.md.

/** @typedef {"pass" | "fail" | "unchecked" | "not-applicable"} Status only `pass` is a pass */

/**
 * @typedef {object} Outcome
 * @property {Status} status
 * @property {string} code stable, for machines
 * @property {string} detail sentences for people
 */

/** @type {(status: Status) => (code: string, detail: string) => Outcome} */
const outcome = (status) => (code, detail) => ({ status, code, detail });

export const passed = outcome("pass");
export const failed = outcome("fail");
export const unchecked = outcome("unchecked");
export const notApplicable = outcome("not-applicable");

/** @type {Status[]} */
const SEVERITY = ["fail", "unchecked", "pass", "not-applicable"];

/**
 * The first of the most severe outcomes; `empty` where there is none.
 *
 * @param {Outcome[]} outcomes
 * @param {Outcome} empty
 */
export function worst(outcomes, empty) {
  const severity = Math.min(...outcomes.map(({ status }) => SEVERITY.indexOf(status)));
  return outcomes.find(({ status }) => SEVERITY.indexOf(status) === severity) ?? empty;
}
