// The comparison of a copy with the recorded text, made with dom.js: each change is marked for eyes and for ears.

import { linesOfDocument } from "../verify/find.js";
import { fill, make } from "./dom.js";
import { shown } from "./tokens.js";

/** @typedef {import("../verify/find.js").Finding} Finding */
/** @typedef {import("../verify/find.js").Op} Op */
/** @typedef {import("../verify/pasted.js").PastedLine} PastedLine */
/** @typedef {import("../verify/words.js").Segment} Segment */
/** @typedef {import("./words.js").Words} Words */

/** Of lines in a row that are alike in kind, so many are shown. */
const [MAX_LINES, MAX_SAME, MAX_CHANGES] = [300, 2, 500];

/**
 * @param {HTMLElement} parent
 * @param {Finding} finding
 * @param {{ text: string, pasted: PastedLine[], language: string }} given
 * @param {Words} words
 * @returns {HTMLElement[]} the changes, in order
 */
export function drawFinding(parent, { ops, from, to }, { text, pasted, language }, words) {
  const logged = linesOfDocument(text);
  const theirs = pasted.map((line) => line.text);
  const changes = /** @type {HTMLElement[]} */ ([]);
  /** @type {import("./dom.js").Attributes} */
  const lang = language === "" ? {} : { lang: language };
  const drawn = ops.map((op) => {
    if (op.kind === "same") {
      return same(logged.slice(op.a, op.aEnd), lang, words);
    }
    const lines = changes.length < MAX_CHANGES ? linesOf(op, logged, theirs, words) : [];
    const label = make("p", { class: "where" }, words.say(`compare.${op.kind}`));
    const change = make("div", { class: `hunk is-${op.kind}`, tabindex: "-1" }, label, ...lines.map((line) => make("p", { class: "line", dir: "auto", ...lang }, ...line)));
    changes.push(change);
    return change;
  });
  fill(
    parent,
    ...around(theirs.slice(0, from), "compare.before", words),
    ...drawn,
    ...around(theirs.slice(to), "compare.behind", words),
  );
  return changes;
}

/**
 * @param {string[]} lines
 * @param {import("./dom.js").Attributes} lang
 * @param {Words} words
 */
function same(lines, lang, words) {
  const draw = (/** @type {string} */ line) => make("p", { class: "line", dir: "auto", ...lang }, shown(line));
  if (lines.length <= MAX_SAME + 1) {
    return make("div", { class: "same" }, ...lines.map(draw));
  }
  const count = words.say("compare.same", { count: lines.length });
  const rest = make("details", {}, make("summary", {}, count), ...lines.slice(0, MAX_LINES).map(draw), ...cut(lines, words));
  return make("div", { class: "same" }, rest);
}

/**
 * @param {string[]} lines
 * @param {string} key
 * @param {Words} words
 */
function around(lines, key, words) {
  if (lines.length === 0) {
    return [];
  }
  const inside = lines.slice(0, MAX_LINES).map((line) => make("p", { class: "line", dir: "auto" }, shown(line)));
  return [make("details", { class: "around" }, make("summary", {}, words.say(key, { count: lines.length })), ...inside, ...cut(lines, words))];
}

/**
 * @param {string[]} lines
 * @param {Words} words
 */
const cut = (lines, words) =>
  lines.length > MAX_LINES ? [make("p", { class: "cut" }, words.say("note.more", { count: lines.length - MAX_LINES }))] : [];

/**
 * @param {Op} op
 * @param {string[]} logged
 * @param {string[]} theirs
 * @param {Words} words
 * @returns {(Node | string)[][]}
 */
function linesOf({ kind, a, aEnd, b, bEnd, segments }, logged, theirs, words) {
  if (segments !== undefined) {
    return [segments.map((one) => segment(one, words))];
  }
  const name = kind === "missing" ? "delete" : "insert";
  const lines = kind === "missing" ? logged.slice(a, aEnd) : theirs.slice(b, bEnd);
  const all = lines.slice(0, MAX_LINES).map((text) => [segment({ kind: name, text }, words)]);
  return lines.length > MAX_LINES ? [...all, [words.say("note.more", { count: lines.length - MAX_LINES })]] : all;
}

/**
 * @param {Segment} segment
 * @param {Words} words
 */
function segment({ kind, text }, words) {
  if (kind === "equal") {
    return shown(text);
  }
  const spoken = (/** @type {string} */ key) => make("span", { class: "spoken", lang: words.language }, ` ${words.say(key)} `);
  const [name, key] = kind === "delete" ? ["del", "changes.deleted"] : ["ins", "changes.inserted"];
  return make(name, {}, spoken(key), make("bdi", {}, shown(text)), spoken("changes.end"));
}
