// A reporter for `node --test`: what a run really did, as the JSON that counting.py writes for pytest.

import { resolve } from "node:path";

/**
 * Counts every test once: passed, failed or skipped. A file that holds no test, or that ended before its tests did,
 * has failed. A suite is no test.
 *
 * @param {AsyncIterable<{ type: string, data: any }>} events
 */
export default async function* count(events) {
  let passed = 0;
  let failed = 0;
  /** @type {string[]} */
  const skipped = [];
  /** @type {Map<string, number>} */
  const open = new Map();
  for await (const { type, data } of events) {
    if (type === "test:enqueue" && !isFile(data)) {
      open.set(key(data), (open.get(key(data)) ?? 0) + 1);
    } else if (type === "test:pass" || type === "test:fail") {
      open.set(key(data), (open.get(key(data)) ?? 0) - 1);
      if (isAsked(data.skip) || isAsked(data.todo)) {
        skipped.push(`${data.file}: ${data.name}`);
      } else if (type === "test:fail" || isFile(data)) {
        failed += 1;
      } else if (data.details?.type !== "suite") {
        passed += 1;
      }
    }
  }
  for (const balance of open.values()) {
    failed += Math.max(0, balance);
  }
  yield JSON.stringify({ passed, failed, skipped: skipped.sort() });
}

/** @param {{ name: string, file?: string, nesting: number }} data */
function key(data) {
  return JSON.stringify([data.file, data.nesting, data.name]);
}

/**
 * A file reports under its own name when it has no tests to report.
 *
 * @param {{ name: string, file?: string, nesting: number }} data
 */
function isFile(data) {
  return data.nesting === 0 && data.file !== undefined && resolve(data.name) === resolve(data.file);
}

/** @param {boolean | string | undefined} mark a reason may be empty and still is one */
function isAsked(mark) {
  return mark !== undefined && mark !== false;
}
