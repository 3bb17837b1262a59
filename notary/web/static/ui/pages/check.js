// The page that checks copies: the start.

import { NotaryError } from "../../verify/errors.js";
import { Unfetched } from "../bounded.js";
import { CheckPage } from "../checkpage.js";
import { dataOf, element, on, show } from "../dom.js";
import { FETCH_MS } from "../entrypage.js";
import { listen } from "../forms.js";
import { listenToChoice, listenToDrop, listenToPaste } from "../giving.js";
import { MAX_FILE_BYTES, Unheld } from "../held.js";
import { parsePage } from "../inert.js";
import { fetchPage } from "../search.js";
import { loadTrust } from "../trustfile.js";
import { Words } from "../words.js";

const page = new CheckPage(new Words(dataOf("strings")), parsePage);
const form = element("give");
const url = /** @type {HTMLInputElement} */ (element("url"));

const pasted = listenToPaste(/** @type {HTMLTextAreaElement} */ (element("text")), () => page.take(pasted));

/** @param {File} file */
const takeFile = (file) =>
  page.take(async () => {
    if (file.size > MAX_FILE_BYTES) {
      throw new Unheld("cannot.too-large", { size: MAX_FILE_BYTES / 1024 / 1024 });
    }
    return { from: "file", bytes: new Uint8Array(await file.arrayBuffer()), name: file.name, type: file.type };
  });

on(form, "submit", () => page.take(pasted));
on(element("fetch"), "click", () => page.take(() => fetchPage(url.value.trim()), "check.fetching"));
on(element("next"), "click", () => page.next());
listenToChoice(/** @type {HTMLInputElement} */ (element("file")), takeFile);
listenToDrop(document.documentElement, takeFile);
listen(page);
show(element("more-ways"), true);
show(element("private"), true);
show(element("public"), false);

try {
  page.trustFile = await loadTrust(AbortSignal.timeout(FETCH_MS));
} catch (error) {
  // Without one the checks that need it say so.
  if (!(error instanceof Unfetched || error instanceof NotaryError)) {
    throw error;
  }
}
document.documentElement.dataset.ready = "true";
