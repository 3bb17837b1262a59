// The page that checks a copy: what was given is read, found in the log, verified and compared, all in this browser.

import { NotaryError } from "../verify/errors.js";
import { outcomeOf, uncoveredIn } from "../verify/foundcopy.js";
import { wantedOf } from "../verify/logchecks.js";
import { verify } from "../verify/verify.js";
import { Unfetched } from "./bounded.js";
import { choose, sharesLines } from "./candidates.js";
import { foundCode, headlineKey, isOfFinding, isOnTestChain, kindOf, notesOf, notesOfHeld, valuesOf, whenKey } from "./checkwords.js";
import { drawFinding } from "./drawfinding.js";
import { drawRow } from "./drawing.js";
import { drawn, element, fill, make, mark, putBehind, putLast, show, update } from "./dom.js";
import { askedOf, gather } from "./endpoint.js";
import { evidenceOf } from "./evidence.js";
import { showTrust } from "./forms.js";
import { readGiven, Unheld } from "./held.js";
import { outcomesOf, ROWS, rowOf } from "./rows.js";
import { search, Unanswered } from "./search.js";

/** @typedef {import("./candidates.js").Match} Match */
/** @typedef {import("./checkwords.js").Checked} Checked */
/** @typedef {import("./held.js").Given} Given */
/** @typedef {import("./held.js").Held} Held */
/** @typedef {import("./trustfile.js").TrustFile} TrustFile */
/** @typedef {import("./words.js").Words} Words */
/** @typedef {import("../verify/copies.js").ParsePage} ParsePage */
/** @typedef {import("../verify/verify.js").Verdict} Verdict */

export class CheckPage {
  /** @type {TrustFile | undefined} */
  trustFile;
  /** @type {Held | undefined} */
  #held;
  /** @type {Match | undefined} */
  #match;
  /** @type {import("../verify/chain.js").EndpointView[]} */
  #views = [];
  /** @type {HTMLElement[]} */
  #changes = [];
  #at = -1;
  #run = 0;
  #asked = 0;

  /**
   * @param {Words} words
   * @param {ParsePage} parse
   */
  constructor(words, parse) {
    this.words = words;
    this.parse = parse;
  }

  get bundle() {
    return this.#match?.bundle;
  }

  /**
   * Checks what was given, or what the promise of it gives; only the last counts.
   *
   * @param {() => Promise<Given> | Given} give
   * @param {string} step what goes on until it is there
   */
  async take(give, step = "check.reading") {
    this.#run += 1;
    const run = this.#run;
    this.#match = undefined;
    this.#views = [];
    this.#progress(step);
    try {
      const given = await give();
      await drawn();
      const held = readGiven(given, this.parse);
      if (run === this.#run) {
        this.#held = held;
        await this.#look(held, run);
      }
    } catch (error) {
      if (run === this.#run) {
        this.#fail(error);
      }
    }
  }

  /**
   * @param {Held} held
   * @param {number} run
   */
  async #look(held, run) {
    if (held.kind === "bundle" && held.bundle !== undefined) {
      const { bundle, bytes } = held;
      this.#match = { candidate: { leaf_hash: bundle.entry.leafHash, exact: true, lines: 0, publisher: "" }, bytes, bundle };
      showTrust(this);
      await this.check();
      return;
    }
    this.#progress("check.looking");
    const candidates = await search(held);
    this.#progress("check.comparing");
    await drawn();
    const { match, problem } = await choose(candidates, held, (bundle) => this.#isByProfile(held, bundle));
    if (run !== this.#run) {
      return;
    }
    if (match !== undefined) {
      this.#match = match;
      showTrust(this);
      await this.check();
    } else if (problem !== undefined) {
      throw problem;
    } else {
      this.#notFound(held, candidates);
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
    const [run, asked] = [this.#run, this.#asked];
    this.#say("step.asking");
    const say = (/** @type {string} */ problem, /** @type {{ [name: string]: unknown }} */ values) =>
      this.words.say(`endpoint.${problem}`, values);
    const views = await gather(urls, wantedOf(this.bundle, this.trustFile?.trust), say);
    if (run !== this.#run || asked !== this.#asked) {
      return; // the reader has given something else, or asked others, since
    }
    this.#views = views;
    await this.check();
  }

  /** Makes all checks of the match that was found, and shows them with the comparison. */
  async check() {
    const [held, match, run] = [this.#held, this.#match, this.#run];
    if (held === undefined || match === undefined) {
      return;
    }
    try {
      const checked = await this.#verify(held, match);
      if (run === this.#run) {
        this.#show(checked, match);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  /**
   * @param {Held} held
   * @param {Match} match
   * @returns {Promise<Checked>}
   */
  async #verify(held, { bundle, finding }) {
    const trust = this.trustFile?.trust;
    const given = { trust, evidence: { views: this.#views, pinned: new Set(), offline: true }, now: Date.now() };
    const development = trust?.development === true;
    if (held.kind === "bundle") {
      return { held, bundle, report: await verify(bundle, given), uncovered: [], development };
    }
    const uncovered = finding && held.pasted ? await uncoveredIn(finding, held.pasted, bundle.entry.record) : [];
    const found = finding && outcomeOf(finding, uncovered);
    const byProfile = await this.#byProfile(held, bundle, given);
    if (byProfile !== undefined) {
      return { held, bundle, report: byProfile, finding, uncovered, development };
    }
    const copy = { bytes: held.bytes, kind: /** @type {const} */ ("plain") };
    const report = found === undefined ? await verify(bundle, { ...given, copy }) : await verify(bundle, { ...given, found });
    return { held, bundle, report, finding, uncovered, development };
  }

  /**
   * A whole page is read as its publisher reads it, where the record says how, and where that fits.
   *
   * @param {Held} held
   * @param {import("../verify/bundle.js").Bundle} bundle
   * @param {import("../verify/verify.js").Given} given
   */
  async #byProfile({ kind, bytes, charset }, bundle, given) {
    if (kind !== "page" || bytes.length === 0 || bundle.profile === undefined) {
      return undefined;
    }
    try {
      const copy = { bytes, kind: /** @type {const} */ ("html"), charset };
      const report = await verify(bundle, { ...given, copy, parsePage: this.parse });
      const { copy: outcome } = outcomesOf(report);
      const isRead = outcome.status !== "unchecked" || outcome.code === "same-text-with-unchecked";
      return isRead ? report : undefined;
    } catch (error) {
      if (error instanceof NotaryError) {
        return undefined; // refused as a page; its lines can still be looked at
      }
      throw error;
    }
  }

  /**
   * Whether a page whose lines do not stand as recorded has the article where its publisher's profile says.
   *
   * @param {Held} held
   * @param {import("../verify/bundle.js").Bundle} bundle
   */
  async #isByProfile(held, bundle) {
    const given = { trust: undefined, evidence: { views: [], pinned: new Set(), offline: true }, now: Date.now() };
    const report = await this.#byProfile(held, bundle, given);
    return report !== undefined && (outcomesOf(report).copy.status !== "fail" || sharesLines(bundle.text ?? "", held));
  }

  /**
   * @param {Checked} checked
   * @param {Match} match
   */
  #show(checked, { candidate, bytes }) {
    const { words } = this;
    const { bundle, report, held } = checked;
    const trust = this.trustFile?.trust;
    const foreign = trust !== undefined && trust.origin !== bundle.entry.record.origin;
    if (foreign) {
      this.#cannot("cannot.origin", { origin: bundle.entry.record.origin }, "cannot-check");
    } else {
      const values = valuesOf(checked, words);
      fill(element("headline"), words.say(headlineKey(checked)));
      fill(element("when"), words.say(whenKey(checked), values), ...(isOnTestChain(checked) ? [" ", words.say("test-chain")] : []));
      const endpoints = askedOf(this.#views);
      fill(element("word"), endpoints === "" ? words.say("word.done") : words.say("word.asked", { endpoints }), " ", words.say("word.lying"));
      this.#done(kindOf(checked), [...this.#recordNote(checked, candidate), ...notesOf(checked, words)]);
      mark(element("result"), "verdict", report.verdict);
      mark(element("result"), "found", foundCode(checked));
    }
    fill(element("record-link"), ...(held.kind === "bundle" && foreign ? [] : [make("a", { href: `/e/${candidate.leaf_hash}` }, words.say("check.record"))]));
    this.#drawComparison(checked);
    const outcomes = outcomesOf(report);
    const evidence = evidenceOf(bytes, bundle);
    const names = /** @type {import("./rows.js").RowName[]} */ (Object.keys(ROWS));
    update(element("rows"), names.map((name) => drawRow(rowOf(name, bundle, outcomes, words), outcomes, evidence[name], words)));
    show(element("live"), true);
    element("result").focus();
  }

  /**
   * @param {Checked} checked
   * @param {import("./search.js").Candidate} candidate
   */
  #recordNote({ held, bundle }, { title }) {
    const name = title ?? bundle.text?.split("\n")[0] ?? bundle.entry.leafHash;
    return [this.words.say(held.kind === "bundle" ? "note.bundle" : "note.record", { title: name, publisher: bundle.entry.record.publisher.id })];
  }

  /** @param {Checked} checked */
  #drawComparison(checked) {
    const { held, bundle, finding, report } = checked;
    // A text that is not the recorded one is none to compare with.
    const isShown = report.verdict !== "refuted" && finding !== undefined && isOfFinding(checked) && bundle.text !== undefined;
    this.#changes = [];
    this.#at = -1;
    putBehind(element("comparison-count"), element("next"));
    if (isShown) {
      const given = { text: bundle.text ?? "", pasted: held.pasted?.lines ?? [], language: bundle.entry.record.language ?? "" };
      this.#changes = drawFinding(element("comparison-list"), finding, given, this.words);
      fill(element("comparison-count"), this.words.say("compare.count", { count: this.#changes.length }));
    }
    show(element("next"), this.#changes.length > 0);
    show(element("comparison"), isShown);
  }

  /** Goes to the next change, and from the last to the first. */
  next() {
    if (this.#changes.length === 0) {
      return;
    }
    this.#at = (this.#at + 1) % this.#changes.length;
    const change = this.#changes[this.#at];
    // The button goes along: whoever is at a change has the way to the next one at hand.
    putLast(change, element("next"));
    fill(element("comparison-count"), this.words.say("compare.at", { number: this.#at + 1, count: this.#changes.length }));
    change.scrollIntoView({ block: "center" });
    change.focus();
  }

  /**
   * @param {Held} held
   * @param {import("./search.js").Candidate[]} related
   */
  #notFound(held, related) {
    const { words } = this;
    fill(element("headline"), words.say("found.not-found"));
    fill(element("when"), words.say("found.not-found-why"));
    fill(element("word"));
    const links = related.slice(0, 3).map(({ leaf_hash: leaf, title }) => make("li", {}, make("a", { href: `/e/${leaf}` }, make("bdi", {}, title ?? leaf))));
    fill(element("record-link"), ...(links.length > 0 ? [words.say("found.related")] : []));
    this.#done("open", notesOfHeld(held, words), links);
    mark(element("result"), "verdict", "not-found");
    mark(element("result"), "found", "not-found");
    element("result").focus();
  }

  /** @param {unknown} error */
  #fail(error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof Unheld) {
      const what = typeof error.values.what === "string" ? this.words.say(error.values.what) : "";
      this.#cannot(error.key, { ...error.values, what }, "invalid");
    } else if (error instanceof Unanswered) {
      const isBusy = error.code.startsWith("too-many-") || error.code === "database-busy";
      this.#cannot(isBusy ? "cannot.busy" : this.#fetching ? "cannot.fetch" : "cannot.search", { reason }, "cannot-check");
    } else if (error instanceof Unfetched) {
      this.#cannot("cannot.bundle", { reason: this.words.say(`endpoint.${error.code}`, { status: error.status }) }, "cannot-check");
    } else if (error instanceof NotaryError) {
      this.#cannot("cannot.unreadable", { reason }, "invalid");
    } else {
      this.#cannot("cannot.broken", { reason }, "cannot-check");
    }
    element("result").focus();
  }

  #fetching = false;

  /**
   * @param {string} key
   * @param {{ [name: string]: unknown }} values
   * @param {Verdict} verdict
   */
  #cannot(key, values, verdict) {
    fill(element("headline"), this.words.say("cannot.head"));
    fill(element("when"), this.words.say(key, values));
    fill(element("word"));
    fill(element("record-link"));
    this.#done("open", [], [], "kicker.tried");
    mark(element("result"), "verdict", verdict);
    mark(element("result"), "found", key);
  }

  /** @param {string} key */
  #progress(key) {
    this.#fetching = key === "check.fetching";
    for (const id of ["headline", "when", "record-link", "notes"]) {
      fill(element(id));
    }
    show(element("comparison"), false);
    show(element("live"), false);
    mark(element("result"), "kind", "open");
    this.#say(key);
  }

  /**
   * What goes on, where the result will be: on a phone that is far from what was pressed.
   *
   * @param {string} key
   */
  #say(key) {
    fill(element("word"), this.words.say(key));
    show(element("result"), true);
    mark(element("result"), "state", "working");
    element("result").focus();
  }

  /**
   * @param {string} kind
   * @param {string[]} notes
   * @param {HTMLElement[]} [more]
   * @param {string} [kicker]
   */
  #done(kind, notes, more = [], kicker = "kicker.check") {
    fill(element("kicker"), this.words.say(kicker));
    fill(element("notes"), ...notes.map((note) => make("li", {}, make("bdi", {}, note))), ...more);
    mark(element("result"), "kind", kind);
    mark(element("result"), "state", "done");
  }
}

