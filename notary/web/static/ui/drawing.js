// What the page of an entry shows of what was found, made with dom.js.

import { BIT } from "../verify/markup.js";
import { fill, make, saving } from "./dom.js";
import { shown } from "./tokens.js";

/** @typedef {import("./article.js").Article} Article */
/** @typedef {import("./diff.js").Changes} Changes */
/** @typedef {import("./rows.js").Row} Row */
/** @typedef {import("./rows.js").Outcomes} Outcomes */
/** @typedef {import("./words.js").Words} Words */
/** @typedef {import("../verify/markup.js").Run} Run */

/** From the outermost to the innermost. */
const MARKS = /** @type {const} */ (["ins", "s", "sup", "sub"]);

const [LONG, LONG_LINES] = [300, 8];

/**
 * One row: its name, its state in words and as a shape, what it means, and the bytes.
 *
 * @param {Row} row
 * @param {Outcomes} outcomes
 * @param {import("./evidence.js").Values} evidence
 * @param {Words} words
 */
export function drawRow({ name, state, sentences, checks }, outcomes, evidence, words) {
  const status = state === "waiting" ? "…" : words.say(`status.${state}`);
  const line = make("li", { class: `row is-${state}` },
    make("span", { class: "name" }, name),
    " ",
    make("span", { class: "state" }, status),
    " ",
  );
  const detail = make("div", { class: "detail" }, ...sentences.map((sentence) => make("p", {}, make("bdi", {}, sentence))));
  if (state !== "waiting") {
    const exact = checks.map((check) => {
      const { code, detail: sentence } = outcomes[check];
      return fact(words.say("bytes.exact", { check: words.say(`check.${check}`) }), `${code}: ${sentence}`, "en");
    });
    const values = evidence.map(([key, value, saved]) => {
      const line = fact(words.say(`bytes.${key}`), value);
      line.append(...(saved === undefined ? [] : [drawSaved(saved, words)]));
      return line;
    });
    if (exact.length + values.length > 0) {
      const summary = make("summary", {}, words.say("bytes.summary"), make("span", { class: "spoken" }, ` (${name})`));
      detail.append(make("details", {}, summary, make("dl", { class: "bytes" }, ...exact, ...values)));
    }
  }
  line.append(detail);
  return line;
}

/**
 * @param {string} name
 * @param {string} value
 * @param {string} [lang]
 */
function fact(name, value, lang) {
  /** @type {import("./dom.js").Attributes} */
  const attributes = lang === undefined ? { class: "hash" } : { class: "exact", lang };
  const inside = make("bdi", {}, value);
  // What is long is in a box that scrolls: it can have the focus, so that the keyboard can scroll it.
  const isLong = value.length > LONG || value.split("\n").length > LONG_LINES;
  const box = isLong ? make("div", { class: "long", role: "group", "aria-label": name, tabindex: "0" }, inside) : inside;
  return make("div", {}, make("dt", {}, name), make("dd", attributes, box));
}

/**
 * Which command gives which digest, and the bytes to run it on.
 *
 * @param {import("./evidence.js").Saved} saved
 * @param {Words} words
 */
const drawSaved = ({ name, bytes, command, digest }, words) =>
  make(
    "dd",
    { class: "take" },
    make("p", {}, words.say("bytes.yourself")),
    make("p", { class: "hash" }, command),
    make("p", {}, words.say("bytes.prints"), " ", make("span", { class: "hash" }, digest)),
    saving(words.say("bytes.save", { name }), name, bytes),
  );

/**
 * @param {HTMLElement} parent
 * @param {Article | undefined} article
 * @param {{ label: string, leftOut: string, undisclosed: string }} say
 * @param {Words} words
 */
export function drawArticle(parent, article, { label, leftOut, undisclosed }, words) {
  const { language } = words;
  if (article === undefined) {
    fill(parent, make("p", { class: "cut", lang: language }, undisclosed));
    return;
  }
  const blocks = article.blocks.map((block) => {
    if ("paragraph" in block) {
      return make("p", { dir: "auto" }, ...drawRuns(block.paragraph));
    }
    const width = Math.max(...block.rows.map((row) => row.length));
    const rows = block.rows.map((row) =>
      make("tr", {}, ...Array.from({ length: width }, (_, at) => make("td", { dir: "auto" }, ...drawRuns(row[at] ?? [])))),
    );
    const table = make("table", {}, make("tbody", {}, ...rows));
    return make("div", { class: "scroll", role: "region", "aria-label": words.say("article.table"), tabindex: "0" }, table);
  });
  fill(
    parent,
    make("p", { class: "by recorded", lang: language }, label),
    ...(article.title === undefined ? [] : [make("h2", { dir: "auto" }, ...drawRuns(article.title))]),
    make("div", { class: "text" }, ...blocks),
    ...(article.leftOut > 0 ? [make("p", { class: "cut", lang: language }, leftOut)] : []),
  );
}

/** @param {Run[]} runs */
const drawRuns = (runs) =>
  runs.map(({ text, tags }) =>
    [...MARKS].reverse().reduce((/** @type {Node | string} */ inner, name) => (tags & BIT[name] ? make(name, {}, inner) : inner), text),
  );

/**
 * Each place that differs, with what was deleted and inserted marked for eyes and for ears.
 *
 * @param {HTMLElement} parent
 * @param {Changes} changes
 * @param {string} language of the texts
 * @param {Words} words
 */
export function drawChanges(parent, { hunks }, language, words) {
  fill(
    parent,
    ...hunks.map(({ a, rows }) =>
      make(
        "div",
        { class: "hunk" },
        make("p", { class: "where" }, words.say("changes.line", { number: rows[0].a ?? rows[0].b ?? a })),
        ...rows.map(({ segments }) =>
          make("p", { class: "line", dir: "auto", ...(language === "" ? {} : { lang: language }) }, ...segments.map((one) => drawSegment(one, words))),
        ),
      ),
    ),
  );
}

/**
 * @param {import("./diff.js").Segment} segment
 * @param {Words} words
 */
function drawSegment({ kind, text }, words) {
  if (kind === "equal") {
    return shown(text);
  }
  const spoken = (/** @type {string} */ key) => make("span", { class: "spoken", lang: words.language }, ` ${words.say(key)} `);
  const [name, key] = kind === "delete" ? ["del", "changes.deleted"] : ["ins", "changes.inserted"];
  return make(name, {}, spoken(key), make("bdi", {}, shown(text)), spoken("changes.end"));
}

/**
 * A notice that this is not the latest version, from evidence that was checked.
 *
 * @param {{ isRetracted: boolean, leafHash: string }} later
 * @param {Words} words
 */
export const drawNotice = ({ isRetracted, leafHash }, words) =>
  make(
    "div",
    { class: "notice", id: "notice" },
    make("h2", {}, words.say(isRetracted ? "notice.retracted" : "notice.older")),
    make(
      "p",
      {},
      words.say("notice.proof"),
      " ",
      make("a", { href: `/e/${leafHash}` }, words.say(isRetracted ? "notice.link-retraction" : "notice.link")),
    ),
  );

/** @param {string} sentence */
export const drawItem = (sentence) => make("li", {}, sentence);
