// The page of one entry: the start.

import { NotaryError } from "../../verify/errors.js";
import { Unfetched } from "../bounded.js";
import { offerChanges } from "../changes.js";
import { dataOf, element, optional, show } from "../dom.js";
import { EntryPage, FETCH_MS } from "../entrypage.js";
import { listen, showTrust } from "../forms.js";
import { loadTrust } from "../trustfile.js";
import { Words } from "../words.js";

const words = new Words(dataOf("strings"));
const page = new EntryPage(element("result").dataset.leaf ?? "", words);

async function start() {
  await page.load();
  if (page.bundle === undefined) {
    return;
  }
  page.progress("step.trust");
  try {
    page.trustFile = await loadTrust(AbortSignal.timeout(FETCH_MS));
  } catch (error) {
    // Without one the checks that need it say so.
    if (!(error instanceof Unfetched || error instanceof NotaryError)) {
      throw error;
    }
  }
  showTrust(page);
  listen(page);
  show(element("live"), true);
  await page.check();
  if (optional("changes") !== null) {
    await offerChanges(page);
  }
}

start().catch((error) => {
  page.conclude({ kind: "open", sentence: words.say("result.broken"), shows: [words.say("shows.nothing")] }, "cannot-check", String(error));
});
