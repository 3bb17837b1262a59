// The saved verifier: takes a trust file, a bundle and a copy from the reader, checks them, and asks whom the reader names.

import { parseBundle } from "../verify/bundle.js";
import { isSuperseded } from "../verify/checks.js";
import { NotaryError } from "../verify/errors.js";
import { wantedOf } from "../verify/logchecks.js";
import { verify } from "../verify/verify.js";
import { articleOf } from "./article.js";
import { drawn, element, fill, make, mark, show, update } from "./dom.js";
import { drawArticle, drawChanges, drawItem, drawRow } from "./drawing.js";
import { askedOf, gather } from "./endpoint.js";
import { evidenceOf } from "./evidence.js";
import { suggestedFor } from "./forms.js";
import { heldCopy, looksLikePage } from "./heldcopy.js";
import { parsePage } from "./inert.js";
import { offlineResult, offlineVerdict } from "./offlineresult.js";
import { outcomesOf, ROWS, rowOf } from "./rows.js";
import { read } from "./trustfile.js";

/** @typedef {import("../verify/bundle.js").Bundle} Bundle */
/** @typedef {import("../verify/chain.js").EndpointView} EndpointView */
/** @typedef {import("./heldcopy.js").Held} Held */
/** @typedef {import("./rows.js").Outcomes} Outcomes */
/** @typedef {import("./rows.js").Result} Result */
/** @typedef {import("./rows.js").RowName} RowName */
/** @typedef {import("./trustfile.js").TrustFile} TrustFile */
/** @typedef {import("./words.js").Words} Words */
/** @typedef {"trust" | "bundle" | "copy"} Role */

/**
 * @typedef {object} Given
 * @property {Uint8Array} bytes of a file as many as are read, else of the text
 * @property {string} name empty for what was pasted
 * @property {string} [html] what was pasted with its form
 * @property {number} [size] of the file
 * @property {number} [most] that is read of it, in MiB
 */

export const ROLES = /** @type {const} */ (["trust", "bundle", "copy"]);

export class OfflinePage {
  /** @type {TrustFile | undefined} */
  trustFile;
  /** @type {Bundle | undefined} */
  bundle;
  /** @type {{ [role in Role]?: Given }} */
  #given = {};
  /** @type {EndpointView[]} */
  #views = [];
  #run = 0;
  #asked = 0;

  /** @param {Words} words */
  constructor(words) {
    this.words = words;
  }

  /**
   * Takes what the reader gives for a role, or, without anything, what was given before away.
   *
   * @param {Role} role
   * @param {Given} [given]
   */
  take(role, given) {
    if (role !== "copy") {
      this.#views = []; // they answered other questions
    }
    this.#given[role] = given;
    const { words } = this;
    fill(element(`answer-${role}`));
    fill(element(`state-${role}`), given === undefined ? words.say("offline.none") : this.#described(given));
    if (role === "trust") {
      this.trustFile = given && this.#parsed(role, given, ({ bytes }) => read(bytes, "own"));
      const fingerprint = this.trustFile?.trust.fingerprint ?? "";
      fill(element("trust-fingerprint"), fingerprint);
      show(element("trust-print"), fingerprint !== "");
    } else if (role === "bundle") {
      this.bundle = given && this.#parsed(role, given, ({ bytes }) => parseBundle(bytes));
    }
    if (role !== "copy" && this.trustFile !== undefined && this.bundle !== undefined) {
      /** @type {HTMLTextAreaElement} */ (element("endpoints")).value = suggestedFor(this.trustFile.trust, this.bundle).join("\n");
    }
  }

  /**
   * Takes what was given before away, and says why what came in its place was not taken.
   *
   * @param {Role} role
   * @param {string} key
   * @param {{ [name: string]: unknown }} values
   */
  refuse(role, key, values) {
    this.take(role);
    fill(element(`answer-${role}`), this.words.say(key, values));
  }

  /** @param {Role} role */
  has(role) {
    return this.#given[role] !== undefined;
  }

  /** Says all again, in the page's language. */
  async reword() {
    for (const role of ROLES) {
      const given = this.#given[role];
      fill(element(`state-${role}`), given === undefined ? this.words.say("offline.none") : this.#described(given));
    }
    await this.check();
  }

  /** Makes all checks with what was given, and shows each when it was made. */
  async check() {
    this.#run += 1;
    const run = this.#run;
    const { bundle, words } = this;
    const wasGiven = this.#given.bundle !== undefined;
    show(element("result"), wasGiven);
    show(element("live"), bundle !== undefined);
    show(element("comparison"), false);
    show(element("article"), bundle !== undefined);
    if (bundle === undefined) {
      if (wasGiven) {
        this.#conclude({ kind: "open", sentence: words.say("result.unreadable"), shows: [words.say("shows.nothing")] });
      }
      return;
    }
    mark(element("result"), "state", "working");
    fill(element("headline"), words.say("step.checking"));
    /** @type {Outcomes} */
    const outcomes = {};
    const evidence = evidenceOf(/** @type {Given} */ (this.#given.bundle).bytes, bundle);
    const draw = (/** @type {Outcomes} */ made) => this.#drawRows(bundle, made, evidence);
    draw(outcomes);
    const trust = this.trustFile?.trust;
    const isFile = bundle.entry.record.content.kind === "file";
    const copy = this.#given.copy;
    const report = await verify(bundle, {
      trust,
      evidence: { views: this.#views, pinned: new Set(), offline: true },
      now: Date.now(),
      // A file is nothing without the copy; a text is looked for within the copy, below.
      copy: isFile && copy !== undefined ? { bytes: copy.bytes, kind: "plain" } : undefined,
      onCheck: async (name, outcome) => {
        outcomes[name] = outcome;
        if (run === this.#run) {
          draw(outcomes);
        }
        await drawn();
      },
    });
    const found = outcomesOf(report);
    const isComparable = copy !== undefined && ["record", "text"].every((name) => found[name].status !== "fail");
    const held = isComparable ? await heldCopy(bundle, copy, parsePage) : undefined;
    if (run !== this.#run) {
      return; // the reader has given something else since
    }
    draw(found);
    this.#drawText(bundle, found);
    this.#drawComparison(bundle, held);
    const given = { development: trust?.development === true, trusted: trust?.origin };
    this.#conclude(offlineResult(report, bundle, held, given, words), this.#notices(found));
    const isForeign = trust !== undefined && trust.origin !== bundle.entry.record.origin;
    mark(element("result"), "verdict", offlineVerdict(report, held, isForeign));
  }

  /**
   * Asks endpoints about the block, then checks anew.
   *
   * @param {string[]} urls
   */
  async ask(urls) {
    const { words, bundle } = this;
    if (bundle === undefined) {
      return;
    }
    this.#asked += 1;
    const asked = this.#asked;
    mark(element("result"), "state", "working");
    fill(element("word"), words.say("step.asking"));
    element("result").focus(); // what goes on is said there, and the form is far below it
    const say = (/** @type {string} */ problem, /** @type {{ [name: string]: unknown }} */ values) =>
      words.say(`endpoint.${problem}`, values);
    const views = await gather(urls, wantedOf(bundle, this.trustFile?.trust), say);
    if (bundle !== this.bundle || asked !== this.#asked) {
      return; // the reader has given something else, or asked others, since
    }
    this.#views = views;
    await this.check();
    element("result").focus();
  }

  /** @param {Given} given */
  #described({ bytes, name, html, size = bytes.length }) {
    const values = { name: name.slice(0, 120), size: size.toLocaleString("en") };
    return this.words.say(name !== "" ? "offline.file" : html === undefined ? "offline.pasted" : "offline.pasted-rich", values);
  }

  /**
   * @template T
   * @param {Role} role
   * @param {Given} given
   * @param {(given: Given) => T} parse
   * @returns {T | undefined}
   */
  #parsed(role, given, parse) {
    try {
      return parse(given);
    } catch (error) {
      if (!(error instanceof NotaryError)) {
        throw error;
      }
      const key = looksLikePage(given.bytes, "") ? "offline.is-page" : `offline.no-${role}`;
      fill(element(`answer-${role}`), this.words.say(key), " ", this.#why(given, error));
      return undefined;
    }
  }

  /**
   * @param {Given} given
   * @param {NotaryError} error
   */
  #why({ bytes, name, size = bytes.length, most }, { message }) {
    if (size === 0) {
      return this.words.say("offline.empty", { name });
    }
    return size > bytes.length ? this.words.say("offline.too-large", { name, most }) : make("span", { lang: "en" }, message);
  }

  /**
   * @param {Result} result
   * @param {string[]} [notices]
   */
  #conclude({ kind, sentence, shows }, notices = []) {
    const { words } = this;
    const endpoints = askedOf(this.#views);
    fill(element("kicker"), words.say("kicker.offline"));
    fill(element("headline"), sentence);
    fill(element("notices"), ...notices.map((notice) => make("p", {}, make("strong", {}, notice))));
    fill(element("word"), endpoints === "" ? words.say("word.offline") : words.say("word.offline-asked", { endpoints }));
    fill(element("shows-list"), ...shows.map(drawItem));
    mark(element("result"), "kind", kind);
    mark(element("result"), "state", "done");
  }

  /**
   * @param {Bundle} bundle
   * @param {Outcomes} outcomes
   * @param {{ [row: string]: import("./evidence.js").Values }} evidence
   */
  #drawRows(bundle, outcomes, evidence) {
    const names = /** @type {RowName[]} */ (Object.keys(ROWS));
    const rows = names.map((name) => drawRow(rowOf(name, bundle, outcomes, this.words), outcomes, evidence[name], this.words));
    update(element("rows"), rows);
  }

  /**
   * @param {Bundle} bundle
   * @param {Outcomes} outcomes
   */
  #drawText({ text, entry }, outcomes) {
    const { words } = this;
    const article = text === undefined ? undefined : articleOf(text);
    const say = {
      label: outcomes.text.status === "pass" ? words.say("article.checked") : words.explain("text", outcomes.text),
      leftOut: words.say("article.cut", { count: article?.leftOut }),
      undisclosed: words.say(entry.record.content.kind === "file" ? "result.file-alone" : "article.untitled"),
    };
    drawArticle(element("article"), article, say, words);
    mark(element("article"), "state", outcomes.text.status);
  }

  /**
   * @param {Bundle} bundle
   * @param {Held | undefined} held
   */
  #drawComparison({ entry }, held) {
    const { words } = this;
    const count = held?.changes?.hunks.length ?? 0;
    show(element("comparison"), count > 0);
    if (held?.changes !== undefined) {
      fill(element("comparison-answer"), words.say("changes.count", { count }), " ", words.say("compare.legend"));
      drawChanges(element("comparison-list"), held.changes, entry.record.language ?? "", words);
    }
    if (held !== undefined) {
      const isOdd = held.state === "unread" || held.state === "more";
      fill(element("answer-copy"), ...(isOdd ? [make("span", { lang: "en" }, held.detail)] : []));
    }
  }

  /**
   * That this is not the latest version, from evidence that was checked.
   *
   * @param {Outcomes} outcomes
   */
  #notices({ current }) {
    if (!isSuperseded(current)) {
      return [];
    }
    return [this.words.say(current.code === "retracted" ? "notice.retracted" : "notice.older")];
  }
}
