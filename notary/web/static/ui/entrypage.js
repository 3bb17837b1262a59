// The page of one entry: fetches the evidence, checks it step by step, and asks endpoints when the reader says so.

import { parseBundle } from "../verify/bundle.js";
import { isSuperseded } from "../verify/checks.js";
import { NotaryError } from "../verify/errors.js";
import { wantedOf } from "../verify/logchecks.js";
import { verify } from "../verify/verify.js";
import { articleOf } from "./article.js";
import { fetchBytes, Unfetched } from "./bounded.js";
import { drawArticle, drawItem, drawNotice, drawRow } from "./drawing.js";
import { drawn, element, fill, mark, optional, putFirst, show, update } from "./dom.js";
import { askedOf, gather } from "./endpoint.js";
import { evidenceOf } from "./evidence.js";
import { outcomesOf, resultOf, ROWS, rowOf } from "./rows.js";

/** @typedef {import("../verify/bundle.js").Bundle} Bundle */
/** @typedef {import("../verify/chain.js").EndpointView} EndpointView */
/** @typedef {import("./rows.js").Outcomes} Outcomes */
/** @typedef {import("./rows.js").Result} Result */
/** @typedef {import("./rows.js").RowName} RowName */
/** @typedef {import("./trustfile.js").TrustFile} TrustFile */
/** @typedef {import("./words.js").Words} Words */

export const FETCH_MS = 30_000;
const MAX_BUNDLE = 16 << 20;

/** @param {string} leafHash */
export const bundleAddress = (leafHash) => `/api/v1/entries/${leafHash}/bundle`;

/**
 * The bundle of an entry, as this server gives it.
 *
 * @param {string} leafHash
 * @returns {Promise<Uint8Array>}
 * @throws {Unfetched}
 */
export const fetchBundle = (leafHash) =>
  fetchBytes(bundleAddress(leafHash), { maxBytes: MAX_BUNDLE, signal: AbortSignal.timeout(FETCH_MS) });

export class EntryPage {
  /** @type {TrustFile | undefined} */
  trustFile;
  /** @type {Bundle | undefined} */
  bundle;
  /** @type {EndpointView[]} */
  #views = [];
  /** @type {Uint8Array} */
  #bytes = new Uint8Array();
  #run = 0;
  #asked = 0;

  /**
   * @param {string} leafHash
   * @param {Words} words
   */
  constructor(leafHash, words) {
    this.leafHash = leafHash;
    this.words = words;
  }

  /** Fetches the evidence; says so where that fails, or where it is none. */
  async load() {
    this.progress("step.bundle");
    try {
      this.#bytes = await fetchBundle(this.leafHash);
      const bundle = parseBundle(this.#bytes);
      if (bundle.entry.leafHash !== this.leafHash) {
        this.conclude({ kind: "fail", sentence: this.words.say("result.another"), shows: [this.words.say("shows.nothing")] }, "refuted");
        return;
      }
      this.bundle = bundle;
    } catch (error) {
      if (error instanceof Unfetched) {
        this.conclude(this.#open("result.unfetched"), "cannot-check", this.words.say(`endpoint.${error.code}`, { status: error.status }));
      } else if (error instanceof NotaryError) {
        this.conclude(this.#open("result.unreadable"), "invalid", error.message);
      } else {
        throw error;
      }
    }
  }

  /**
   * Asks endpoints about the block, then checks anew.
   *
   * @param {string[]} urls
   */
  async ask(urls) {
    if (this.bundle === undefined) {
      return;
    }
    this.#asked += 1;
    const asked = this.#asked;
    this.progress("step.asking");
    element("result").focus(); // what goes on is said there, and the form is far below it
    const say = (/** @type {string} */ problem, /** @type {{ [name: string]: unknown }} */ values) =>
      this.words.say(`endpoint.${problem}`, values);
    const views = await gather(urls, wantedOf(this.bundle, this.trustFile?.trust), say);
    if (asked !== this.#asked) {
      return; // the reader has asked others since
    }
    this.#views = views;
    await this.check();
    element("result").focus();
  }

  /** Makes all checks, and shows each when it was made. */
  async check() {
    const { bundle, words } = this;
    if (bundle === undefined) {
      return;
    }
    this.#run += 1;
    const run = this.#run;
    this.progress("step.checking");
    /** @type {Outcomes} */
    const outcomes = {};
    const evidence = evidenceOf(this.#bytes, bundle);
    this.#drawRows(outcomes, evidence);
    const trust = this.trustFile?.trust;
    const report = await verify(bundle, {
      trust,
      evidence: { views: this.#views, pinned: new Set(), offline: true },
      now: Date.now(),
      onCheck: async (name, outcome) => {
        outcomes[name] = outcome;
        if (run === this.#run) {
          this.#drawRows(outcomes, evidence);
        }
        await drawn();
      },
    });
    if (run !== this.#run) {
      return; // the reader has started another one since
    }
    const found = outcomesOf(report);
    this.#drawRows(found, evidence);
    this.#drawText(found);
    this.#noticeLater(found);
    const development = trust?.development === true;
    const result = resultOf(report, bundle, { development }, words);
    const endpoints = askedOf(this.#views);
    const word = endpoints === "" ? words.say("word.done") : words.say("word.asked", { endpoints });
    show(element("ask-link"), found.chain.status === "unchecked" && bundle.anchors.length > 0);
    this.conclude(result, report.verdict, word, result.kind === "fail" ? "" : this.#by(bundle, found));
  }

  /** @param {string} key */
  progress(key) {
    fill(element("word"), this.words.say(key));
    mark(element("result"), "state", "working");
  }

  /**
   * @param {Result} result
   * @param {import("../verify/verify.js").Verdict} verdict
   * @param {string} [word] by whom, or why
   * @param {string} [by] who submitted it, by the evidence; without it nothing is said of that
   */
  conclude({ kind, sentence, shows }, verdict, word = "", by = "") {
    fill(element("headline"), sentence);
    fill(element("word"), word);
    fill(element("by"), by);
    fill(element("shows-list"), ...shows.map(drawItem));
    const hasChecked = this.bundle !== undefined || kind === "fail";
    fill(element("kicker"), this.words.say(hasChecked ? "kicker.done" : "kicker.tried"));
    const label = optional("article-label");
    if (label !== null) {
      fill(label, this.words.say("article.unchecked")); // of a checked text the label is another
    }
    // What the server said of this is replaced, not repeated.
    for (const id of ["then", "stages", "server-steps"]) {
      show(element(id), false);
    }
    mark(element("result"), "kind", kind);
    mark(element("result"), "verdict", verdict);
    mark(element("result"), "state", "done");
  }

  /**
   * Who submitted it, as the record says and as whoever signed for it: the server's own word of that is not kept.
   *
   * @param {Bundle} bundle
   * @param {Outcomes} outcomes
   */
  #by({ meta, entry }, { record }) {
    const name = record.status === "pass" ? meta?.value.publisher : undefined;
    // Isolated, so that a name that runs from right to left leaves the sentence as it is.
    const publisher = `\u2068${typeof name === "string" ? name : entry.record.publisher.id}\u2069`;
    return this.words.say("result.by", { publisher });
  }

  /**
   * @param {string} key
   * @returns {Result}
   */
  #open(key) {
    return { kind: "open", sentence: this.words.say(key), shows: [this.words.say("shows.nothing")] };
  }

  /**
   * @param {Outcomes} outcomes
   * @param {{ [row: string]: import("./evidence.js").Values }} evidence
   */
  #drawRows(outcomes, evidence) {
    const bundle = /** @type {Bundle} */ (this.bundle);
    const names = /** @type {RowName[]} */ (Object.keys(ROWS));
    const rows = names.map((name) => drawRow(rowOf(name, bundle, outcomes, this.words), outcomes, evidence[name], this.words));
    update(element("rows"), rows);
  }

  /** @param {Outcomes} outcomes */
  #drawText(outcomes) {
    const { words, bundle } = this;
    const text = bundle?.text;
    const article = text === undefined ? undefined : articleOf(text);
    const isRecorded = outcomes.text.status === "pass";
    drawArticle(
      element("article"),
      article,
      {
        label: isRecorded ? words.say("article.checked") : words.explain("text", outcomes.text),
        leftOut: words.say("article.cut", { count: article?.leftOut }),
        undisclosed: words.say("article.untitled"),
      },
      words,
    );
    mark(element("article"), "state", outcomes.text.status);
  }

  /** @param {Outcomes} outcomes */
  #noticeLater({ current }) {
    const latest = this.bundle?.current?.later.at(-1)?.entry;
    if (isSuperseded(current) && latest !== undefined && optional("notice") === null) {
      const later = { isRetracted: current.code === "retracted", leafHash: latest.leafHash };
      putFirst(element("main"), drawNotice(later, this.words));
    }
  }
}
