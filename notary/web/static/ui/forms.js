// The two forms of an entry's page: whom to ask about the chain, and which trust file to believe.

import { NotaryError } from "../verify/errors.js";
import { wantedOf } from "../verify/logchecks.js";
import { Unfetched } from "./bounded.js";
import { element, fill, on } from "./dom.js";
import { fromServer, keep, MAX_BYTES, read } from "./trustfile.js";

/**
 * @typedef {object} EntryPage a page that checks a bundle
 * @property {import("./words.js").Words} words
 * @property {import("./trustfile.js").TrustFile | undefined} trustFile
 * @property {import("../verify/bundle.js").Bundle | undefined} bundle
 * @property {() => Promise<void>} check
 * @property {(urls: string[]) => Promise<void>} ask
 */

const FETCH_MS = 30_000;
const MAX_ENDPOINTS = 16;
const LOCAL = new Set(["127.0.0.1", "localhost"]);

/** @param {string} id */
const field = (id) => /** @type {HTMLInputElement} */ (element(id));

/** @param {EntryPage} page */
export function showTrust({ trustFile, bundle, words }) {
  if (trustFile === undefined) {
    fill(element("trust-source"), words.say("trust.none"));
    return;
  }
  const { trust, source } = trustFile;
  fill(element("trust-source"), words.say(`trust.${source}`, { origin: trust.origin }));
  fill(element("trust-fingerprint"), trust.fingerprint);
  field("trust-keep").checked = source === "kept";
  field("endpoints").value = suggestedFor(trust, bundle).join("\n");
}

/**
 * What a trust file suggests to ask about the anchors of a bundle.
 *
 * @param {import("../verify/trust.js").Trust} trust
 * @param {import("../verify/bundle.js").Bundle | undefined} bundle
 */
export function suggestedFor(trust, bundle) {
  const chains = new Set(bundle?.anchors.map(({ chainId }) => String(chainId)));
  return [...trust.endpoints].filter(([chain]) => chains.has(chain)).flatMap(([, urls]) => urls);
}

/** @param {EntryPage} page */
export function listen(page) {
  on(element("ask"), "submit", () => ask(page));
  on(element("trust"), "submit", () => undefined);
  on(element("trust-file"), "change", () => take(page));
  on(element("trust-keep"), "change", () => keepOrForget(page));
  on(element("trust-server"), "click", () => takeServers(page));
}

/**
 * Asks the endpoints that the reader named, or says why not.
 *
 * @param {Pick<EntryPage, "words" | "bundle" | "ask">} page
 */
export async function ask(page) {
  const { words, bundle } = page;
  const answer = element("ask-answer");
  const lines = field("endpoints").value.split(/\s+/u).filter((line) => line !== "");
  const bad = lines.find((line) => !isAddress(line));
  if (bundle === undefined || wantedOf(bundle).length === 0) {
    fill(answer, words.say("ask.nothing"));
  } else if (lines.length === 0) {
    fill(answer, words.say("ask.none"));
  } else if (bad !== undefined || lines.length > MAX_ENDPOINTS) {
    fill(answer, words.say("ask.form", { line: (bad ?? lines[MAX_ENDPOINTS]).slice(0, 80) }));
  } else {
    fill(answer);
    await page.ask([...new Set(lines)]);
  }
}

/**
 * Whether the page's policy lets us ask there.
 *
 * @param {string} text
 */
function isAddress(text) {
  try {
    const { protocol, hostname, username, password } = new URL(text);
    return username + password === "" && (protocol === "https:" || (protocol === "http:" && LOCAL.has(hostname)));
  } catch {
    return false;
  }
}

/** @param {EntryPage} page */
async function take(page) {
  const { words } = page;
  const file = field("trust-file").files?.[0];
  if (file === undefined) {
    return;
  }
  try {
    const part = file.slice(0, MAX_BYTES + 1);
    page.trustFile = read(new Uint8Array(await part.arrayBuffer()), "own");
  } catch (error) {
    if (!(error instanceof NotaryError || error instanceof DOMException)) {
      throw error;
    }
    fill(element("trust-answer"), words.say("trust.bad", { reason: error.message }));
    return;
  }
  await changed(page);
}

/** @param {EntryPage} page */
async function keepOrForget(page) {
  const { trustFile, words } = page;
  const wanted = field("trust-keep").checked;
  if (trustFile !== undefined && !keep(wanted ? trustFile.text : undefined)) {
    field("trust-keep").checked = false;
    fill(element("trust-answer"), words.say("trust.unkept"));
  }
}

/** @param {EntryPage} page */
async function takeServers(page) {
  const { words } = page;
  try {
    page.trustFile = await fromServer(AbortSignal.timeout(FETCH_MS));
  } catch (error) {
    if (!(error instanceof NotaryError || error instanceof Unfetched)) {
      throw error;
    }
    const reason = error instanceof Unfetched ? words.say(`endpoint.${error.code}`, { status: error.status }) : error.message;
    fill(element("trust-answer"), words.say("trust.unfetched", { reason }));
    return;
  }
  keep();
  field("trust-file").value = "";
  await changed(page);
}

/** @param {EntryPage} page */
async function changed(page) {
  fill(element("trust-answer"));
  showTrust(page);
  await page.check();
  element("result").focus();
}
