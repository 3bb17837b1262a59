// What changed between this version and another, in words, from the evidence of both.

import { parseBundle } from "../verify/bundle.js";
import { checkText } from "../verify/checks.js";
import { NotaryError } from "../verify/errors.js";
import { Unfetched } from "./bounded.js";
import { diffLines } from "./diff.js";
import { element, fill, make, marked, on, show } from "./dom.js";
import { drawChanges } from "./drawing.js";
import { fetchBundle } from "./entrypage.js";

/** @typedef {import("./entrypage.js").EntryPage} EntryPage */
/** @typedef {import("../verify/bundle.js").Bundle} Bundle */

/**
 * Offers the other versions, and shows the one before, or the latest where this is the first.
 *
 * @param {EntryPage} page
 */
export async function offerChanges(page) {
  const versions = marked(element("revisions"), "leaf");
  const here = versions.findIndex(({ value }) => value === page.leafHash);
  const others = versions.filter((_, at) => at !== here);
  if (here < 0 || others.length === 0) {
    return;
  }
  const list = /** @type {HTMLSelectElement} */ (element("other"));
  fill(list, ...others.map(({ value, text }) => make("option", { value }, text)));
  list.value = versions[here > 0 ? here - 1 : versions.length - 1].value;
  const compare = () => showChanges(page, list.value, versions.findIndex(({ value }) => value === list.value) < here);
  on(list, "change", compare);
  show(element("changes"), true);
  await compare();
}

/**
 * @param {EntryPage} page
 * @param {string} leafHash
 * @param {boolean} isOlder whether the other one is
 */
async function showChanges(page, leafHash, isOlder) {
  const { words } = page;
  const answer = element("changes-answer");
  fill(element("changes-list"));
  const other = await fetchOther(leafHash);
  if (typeof other === "string") {
    fill(answer, words.say(other));
    return;
  }
  const texts = [page.bundle, other].map((bundle) => bundle?.text);
  if (texts[0] === undefined || texts[1] === undefined) {
    fill(answer, words.say("changes.undisclosed"));
    return;
  }
  const [old, now] = isOlder ? [texts[1], texts[0]] : [texts[0], texts[1]];
  const changes = diffLines(old.split("\n"), now.split("\n"));
  const count = changes.hunks.length;
  const sentence = count === 0 ? words.say("changes.none") : words.say("changes.count", { count });
  fill(answer, changes.coarse ? `${sentence} ${words.say("changes.coarse")}` : sentence);
  drawChanges(element("changes-list"), changes, page.bundle?.entry.record.language ?? "", words);
}

/**
 * Another version whose text is the recorded one, or the key of the reason why there is none.
 *
 * @param {string} leafHash
 * @returns {Promise<Bundle | string>}
 */
async function fetchOther(leafHash) {
  try {
    const bundle = parseBundle(await fetchBundle(leafHash));
    const isText = bundle.text === undefined || checkText(bundle, {}).status === "pass";
    return isText && bundle.entry.leafHash === leafHash ? bundle : "changes.mismatch";
  } catch (error) {
    if (error instanceof Unfetched) {
      return "changes.unfetched";
    }
    if (error instanceof NotaryError) {
      return "changes.mismatch";
    }
    throw error;
  }
}
