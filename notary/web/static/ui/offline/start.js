// The saved verifier: the start. It asks nobody anything by itself: neither for a file, nor for its own strings.

import { allWith, bytesOf, dataOf, element, fill, filesOf, mark, on, onDrop, onPaste, setLanguage, show } from "../dom.js";
import { ask } from "../forms.js";
import { listenToPaste } from "../giving.js";
import { kindOf } from "../heldcopy.js";
import { OfflinePage, ROLES } from "../offlinepage.js";
import { Words } from "../words.js";

/** @typedef {import("../offlinepage.js").Role} Role */

const MIB = 1 << 20;
/** Most that is read of a file, in MiB. A bundle that lies in the place of a trust file is read whole to be known as one. */
const MOST = { trust: 16, bundle: 16, copy: 256 };

/** @type {{ [tag: string]: { language: string, strings: { [key: string]: string } } }} */
const tables = dataOf("strings");
const tagOf = (/** @type {string} */ tag) => (tag.toLowerCase().startsWith("zh") ? "zh-Hans" : "en");
const first = tagOf(navigator.languages.find((tag) => /^(?:en|zh)\b/i.test(tag)) ?? "en");
const page = new OfflinePage(new Words(tables[first]));

const area = (/** @type {Role} */ role) => /** @type {HTMLTextAreaElement} */ (element(`paste-${role}`));
const field = (/** @type {Role} */ role) => /** @type {HTMLInputElement} */ (element(`file-${role}`));

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

const pastedCopy = listenToPaste(area("copy"), () => takePastedAndCheck("copy")());

/**
 * @param {File} file
 * @param {Role} [wanted] where the reader put it; else it goes where it belongs by what is in it
 */
async function takeFile(file, wanted) {
  const { name, size } = file;
  const most = MOST[wanted ?? "copy"];
  let bytes;
  try {
    // One byte more: a parser is never given what could pass for the whole.
    bytes = await bytesOf(file, most * MIB + 1);
  } catch (error) {
    if (!(error instanceof DOMException)) {
      throw error;
    }
    page.refuse(wanted ?? "copy", "offline.unread", { name, reason: error.message });
    return;
  }
  const role = roleOf(bytes, wanted) ?? (/\.bundle\.json$/i.test(name) ? "bundle" : "copy");
  area(role).value = "";
  if (role === "copy" && size > most * MIB) {
    // Part of a file is another file: what differs would be our doing.
    page.refuse(role, "offline.too-large", { name, most });
  } else if (role === "copy" && size === 0) {
    page.refuse(role, "offline.empty", { name });
  } else {
    page.take(role, { bytes, name, size, most });
  }
  sayMoved(role, wanted, name);
}

/**
 * Where something belongs: by what is in it, else where the reader put it. A copy may be anything, and may stay one where
 * there is a trust file and a bundle already.
 *
 * @param {Uint8Array} bytes
 * @param {Role} [wanted]
 */
function roleOf(bytes, wanted) {
  const kind = kindOf(bytes);
  return wanted === "copy" && kind !== undefined && page.has(kind) ? wanted : (kind ?? wanted);
}

/**
 * @param {Role} role
 * @param {Role | undefined} wanted
 * @param {string} name
 */
function sayMoved(role, wanted, name) {
  if (wanted !== undefined && wanted !== role) {
    field(wanted).value = "";
    fill(element(`answer-${wanted}`), page.words.say(`offline.moved-${role}`, { name }));
  }
}

/** @param {Role} wanted */
function takePasted(wanted) {
  const { value } = area(wanted);
  const html = wanted === "copy" ? pastedCopy().html : undefined;
  if (value === "" && html === undefined) {
    return;
  }
  const bytes = new TextEncoder().encode(value);
  const role = html === undefined ? (roleOf(bytes, wanted) ?? wanted) : wanted;
  if (role !== wanted) {
    area(role).value = value;
    area(wanted).value = "";
  }
  field(role).value = "";
  page.take(role, { bytes, name: "", html });
  sayMoved(role, wanted, page.words.say("offline.what-you-pasted"));
}

/** @param {Role} role */
const takePastedAndCheck = (role) =>
  running(async () => {
    takePasted(role);
    await page.check();
  });

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
    const input = field(role);
    on(input, "change", running(async () => {
      for (const file of filesOf(input)) {
        await takeFile(file, role);
      }
      await checkAndSay();
    }));
    on(area(role), "change", takePastedAndCheck(role));
    if (role !== "copy") {
      onPaste(area(role), takePastedAndCheck(role));
    }
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
