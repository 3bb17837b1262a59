// The one file that touches the page. Text is set as text, and nothing else is: neither markup nor handlers nor styles.

/** @typedef {Node | string} Child */
/** @typedef {{ [name: string]: string | boolean }} Attributes */

// Whatever is made here is one of these, with none but these attributes.
const ELEMENTS = new Set(
  "a bdi dd del details div dl dt h1 h2 h3 ins li ol option p pre s span strong sub summary sup table tbody td time tr".split(" "),
);
const ATTRIBUTES = new Set("aria-label class datetime dir hidden href id lang role tabindex value".split(" "));

/**
 * The element of the page with an id.
 *
 * @param {string} id
 * @returns {HTMLElement}
 */
export function element(id) {
  const found = document.getElementById(id);
  if (found === null) {
    throw new Error(`the page has no #${id}`);
  }
  return found;
}

/**
 * @param {string} id
 * @returns {HTMLElement | null}
 */
export const optional = (id) => document.getElementById(id);

/**
 * A new element.
 *
 * @param {string} name
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {HTMLElement}
 */
export function make(name, attributes = {}, ...children) {
  if (!ELEMENTS.has(name)) {
    throw new Error(`<${name}> is not made here`);
  }
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    const isLocal = attribute !== "href" || /^\/(?!\/)/.test(String(value));
    if (!ATTRIBUTES.has(attribute) || !isLocal) {
      throw new Error(`${attribute} is not set here`);
    }
    if (value !== false) {
      made.setAttribute(attribute, value === true ? "" : value);
    }
  }
  made.append(...children);
  return made;
}

/**
 * A button that saves bytes as a file, and shows them nowhere.
 *
 * @param {string} label
 * @param {string} name of the file
 * @param {Uint8Array} bytes
 */
export function saving(label, name, bytes) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button plain small";
  button.append(label);
  on(button, "click", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([/** @type {BlobPart} */ (bytes)], { type: "application/octet-stream" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  });
  return button;
}

/**
 * @param {HTMLElement} parent
 * @param {...Child} children
 */
export const fill = (parent, ...children) => parent.replaceChildren(...children);

/**
 * @param {HTMLElement} parent
 * @param {HTMLElement} child
 */
export const putFirst = (parent, child) => parent.prepend(child);

/**
 * @param {HTMLElement} parent
 * @param {HTMLElement} child
 */
export const putLast = (parent, child) => parent.append(child);

/**
 * @param {HTMLElement} other
 * @param {HTMLElement} put
 */
export const putBehind = (other, put) => other.after(put);

/**
 * @param {HTMLElement} shown
 * @param {boolean} isShown
 */
export const show = (shown, isShown) => {
  shown.hidden = !isShown;
};

/**
 * @param {HTMLElement} marked
 * @param {string} name
 * @param {string} value
 */
export const mark = (marked, name, value) => {
  marked.dataset[name] = value;
};

/**
 * What the server hands to the script.
 *
 * @param {string} id of a script element with JSON
 */
export const dataOf = (id) => JSON.parse(element(id).textContent ?? "");

/**
 * @param {HTMLElement} target
 * @param {string} event
 * @param {() => unknown} handler the browser's own handling is left out
 */
export const on = (target, event, handler) =>
  target.addEventListener(event, (happened) => {
    happened.preventDefault();
    handler();
  });

/**
 * Puts children in place of others, and leaves alone those that say the same: whoever is reading or tabbing through them
 * does not lose their place. What was open stays open, and what had the focus has it again.
 *
 * @param {HTMLElement} parent
 * @param {HTMLElement[]} children
 */
export function update(parent, children) {
  for (const [index, child] of children.entries()) {
    const old = parent.children[index];
    if (old === undefined) {
      parent.append(child);
      continue;
    }
    const [was, is] = [old, child].map((one) => one.querySelector("details"));
    if (was && is) {
      is.open = was.open;
    }
    if (!old.isEqualNode(child)) {
      const hadFocus = old.contains(document.activeElement);
      old.replaceWith(child);
      if (hadFocus) {
        child.querySelector("summary")?.focus();
      }
    }
  }
}

/**
 * The elements within another that carry a piece of data, with it and their text.
 *
 * @param {HTMLElement} parent
 * @param {string} name
 */
export const marked = (parent, name) =>
  [.../** @type {NodeListOf<HTMLElement>} */ (parent.querySelectorAll(`[data-${name}]`))].map((found) => ({
    value: found.dataset[name] ?? "",
    text: (found.textContent ?? "").replaceAll(/\s+/g, " ").trim(),
  }));

/**
 * All elements of the page that carry a piece of data, and what it is.
 *
 * @param {string} name
 */
export const allWith = (name) =>
  [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(`[data-${name}]`))].map((target) => ({
    target,
    value: target.dataset[name] ?? "",
  }));

/** @param {string} tag of the page's words */
export const setLanguage = (tag) => {
  document.documentElement.lang = tag;
};

/**
 * @param {HTMLInputElement} input
 * @returns {File[]}
 */
export const filesOf = (input) => [...(input.files ?? [])];

/**
 * @param {File} file
 * @param {number} most of its bytes to read
 */
export const bytesOf = async (file, most) => new Uint8Array(await file.slice(0, most).arrayBuffer());

/**
 * Files that are dropped anywhere on the page, with the role of the place where they are.
 *
 * @param {(files: File[], role: string | undefined) => unknown} handler
 */
export function onDrop(handler) {
  document.addEventListener("dragover", (happened) => happened.preventDefault());
  document.addEventListener("drop", (happened) => {
    happened.preventDefault();
    const place = happened.target instanceof Element ? happened.target.closest("[data-role]") : null;
    handler([...(happened.dataTransfer?.files ?? [])], place instanceof HTMLElement ? place.dataset.role : undefined);
  });
}

/**
 * @param {HTMLElement} target
 * @param {() => unknown} handler called when what was pasted is there
 */
export const onPaste = (target, handler) => target.addEventListener("paste", () => setTimeout(handler, 0));

/** Resolves when the browser has drawn what was changed. */
export const drawn = () => new Promise((resolve) => setTimeout(resolve, 0));
