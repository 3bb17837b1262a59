// What a reader gives: pasted, dropped, chosen, typed. Events only; what becomes of it is for others.

/** @typedef {import("./held.js").Given} Given */

/**
 * Formatted text that is pasted into a field keeps its form beside the plain text in the field, until that is edited.
 *
 * @param {HTMLTextAreaElement} field
 * @param {() => void} pasted
 * @returns {() => Given}
 */
export function listenToPaste(field, pasted) {
  let html = "";
  let plain = "";
  field.addEventListener("paste", (event) => {
    const found = event.clipboardData?.getData("text/html") ?? "";
    if (found !== "") {
      event.preventDefault();
      html = found;
      plain = event.clipboardData?.getData("text/plain") ?? "";
      field.value = plain;
    }
    // Plain text gets into the field only after the event.
    setTimeout(pasted, 0);
  });
  field.addEventListener("input", () => {
    html = "";
  });
  return () => {
    const rich = html !== "" && field.value.trim() === plain.replaceAll("\r\n", "\n").trim();
    return rich ? { from: "paste", html } : { from: "paste", bytes: new TextEncoder().encode(field.value) };
  };
}

/**
 * @param {HTMLElement} zone
 * @param {(file: File) => void} given
 */
export function listenToDrop(zone, given) {
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.dataset.over = "true";
  });
  zone.addEventListener("dragleave", () => delete zone.dataset.over);
  zone.addEventListener("drop", (event) => {
    const file = event.dataTransfer?.files[0];
    delete zone.dataset.over;
    if (file !== undefined) {
      event.preventDefault();
      given(file);
    }
  });
}

/**
 * @param {HTMLInputElement} input
 * @param {(file: File) => void} given
 */
export const listenToChoice = (input, given) =>
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    if (file !== undefined) {
      given(file);
    }
  });
