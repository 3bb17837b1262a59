// The saved verifier: the start. It asks nobody anything by itself: neither for a file, nor for its own strings.

import { allWith, bytesOf, dataOf, element, fill, filesOf, mark, on, onDrop, onPaste, setLanguage, show } from "../dom.js";
import { ask } from "../forms.js";
import { kindOf } from "../heldcopy.js";
import { OfflinePage, ROLES } from "../offlinepage.js";
import { Words } from "../words.js";

/** @typedef {import("../offlinepage.js").Role} Role */

/** More than this is read of no file: the bounds of what is in it are smaller, and the parsers say which. */
const MAX_BYTES = { trust: (1 << 20) + 1, bundle: (16 << 20) + 1, copy: 256 << 20 };

/** @type {{ [tag: string]: { language: string, strings: { [key: string]: string } } }} */
const tables = dataOf("strings");
const tagOf = (/** @type {string} */ tag) => (tag.toLowerCase().startsWith("zh") ? "zh-Hans" : "en");
const first = tagOf(navigator.languages.find((tag) => /^(?:en|zh)\b/i.test(tag)) ?? "en");
const page = new OfflinePage(new Words(tables[first]));

const area = (/** @type {Role} */ role) => /** @type {HTMLTextAreaElement} */ (element(`paste-${role}`));

/** @param {string} tag */
function speak(tag) {
  page.words = new Words(tables[tag]);
  setLanguage(tag);
  for (const { target, value } of allWith("say")) {
    fill(target, page.words.say(value));
  }
  for (const { target, value } of allWith("language")) {
    show(target, value !== tag);
  }
}

/**
 * @param {File} file
 * @param {Role} [wanted] where the reader put it; else it goes where it belongs by what is in it
 */
async function takeFile(file, wanted) {
  let bytes;
  try {
    bytes = await bytesOf(file, MAX_BYTES[wanted ?? "copy"]);
  } catch (error) {
    if (!(error instanceof DOMException)) {
      throw error;
    }
    fill(element(`answer-${wanted ?? "copy"}`), page.words.say("offline.unread", { reason: error.message }));
    return;
  }
  const kind = wanted === "copy" ? undefined : kindOf(bytes);
  const role = kind ?? wanted ?? (/\.bundle\.json$/i.test(file.name) ? "bundle" : "copy");
  area(role).value = "";
  page.take(role, { bytes, name: file.name });
}

/** @param {Role} role */
function takePasted(role) {
  const { value } = area(role);
  if (value !== "") {
    /** @type {HTMLInputElement} */ (element(`file-${role}`)).value = "";
    page.take(role, { bytes: new TextEncoder().encode(value), name: "" });
  }
}

/** @param {unknown} error */
function broken(error) {
  show(element("result"), true);
  fill(element("headline"), page.words.say("result.broken"));
  fill(element("word"), String(error));
  mark(element("result"), "kind", "open");
  mark(element("result"), "state", "done");
}

/** @param {() => Promise<unknown>} work */
const running = (work) => () => work().catch(broken);

async function checkAndSay() {
  await page.check();
  if (page.bundle !== undefined) {
    element("result").focus();
  }
}

function start() {
  show(element("no-script"), false);
  show(element("verifier"), true);
  speak(first);
  for (const role of ROLES) {
    const input = /** @type {HTMLInputElement} */ (element(`file-${role}`));
    on(input, "change", running(async () => {
      for (const file of filesOf(input)) {
        await takeFile(file, role);
      }
      await checkAndSay();
    }));
    on(area(role), "change", running(async () => {
      takePasted(role);
      await page.check();
    }));
    onPaste(area(role), running(async () => {
      takePasted(role);
      await page.check();
    }));
    on(element(`clear-${role}`), "click", running(async () => {
      input.value = area(role).value = "";
      page.take(role);
      await page.check();
    }));
    page.take(role);
  }
  onDrop((files, role) => running(async () => {
    for (const file of files) {
      await takeFile(file, ROLES.find((one) => one === role));
    }
    await checkAndSay();
  })());
  on(element("given"), "submit", running(checkAndSay));
  on(element("ask"), "submit", running(() => ask(page)));
  for (const { target, value } of allWith("language")) {
    on(target, "click", running(async () => {
      speak(value);
      await page.reword();
    }));
  }
}

start();
