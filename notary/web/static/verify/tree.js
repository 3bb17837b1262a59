// A parsed page as plain objects, the same from every parser: elements and text, nothing else (docs/spec/html.md §1).

/**
 * @typedef {object} PageText
 * @property {string} text
 *
 * @typedef {object} PageElement
 * @property {string} name in lower case; "" for the document
 * @property {boolean} html whether it is an HTML element: not one of SVG or MathML
 * @property {ReadonlyMap<string, string>} attributes by their names in lower case
 * @property {PageElement | null} parent null for the document
 * @property {(PageElement | PageText)[]} children
 * @property {number} depth how many elements it has for ancestors; -1 for the document
 * @property {number} index its place among the elements of its parent, from 1
 * @property {number} typeIndex its place among those of its name
 *
 * @typedef {PageElement | PageText} PageNode
 *
 * @typedef {object} Item what an adapter says about a node of its parser
 * @property {string} [text]
 * @property {string} [name]
 * @property {boolean} [html]
 * @property {Iterable<[string, string]>} [attributes]
 */

const HTML = "http://www.w3.org/1999/xhtml";

/**
 * Lower case in ASCII only: other letters are not folded.
 *
 * @param {string} text
 */
export const asciiLower = (text) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/**
 * @param {PageNode} node
 * @returns {node is PageElement}
 */
export const isElement = (node) => "name" in node;

/**
 * The page in a browser's document, as `new DOMParser().parseFromString(text, "text/html")` gives it.
 *
 * @param {Document} document
 * @returns {PageElement}
 */
export function fromDom(document) {
  // By the getters of the interfaces: a form or a document answers for its own properties with elements of that name.
  const type = getter(Node.prototype, "nodeType");
  const [first, next] = [getter(Node.prototype, "firstChild"), getter(Node.prototype, "nextSibling")];
  const [localName, namespace] = [getter(Element.prototype, "localName"), getter(Element.prototype, "namespaceURI")];
  const { getAttributeNames, getAttribute } = Element.prototype;
  return build(/** @type {Node} */ (document), {
    first,
    next,
    read(node) {
      if (type(node) === Node.TEXT_NODE || type(node) === Node.CDATA_SECTION_NODE) {
        return { text: /** @type {Text} */ (node).data };
      }
      if (type(node) !== Node.ELEMENT_NODE) {
        return undefined;
      }
      const element = /** @type {Element} */ (node);
      const attributes = getAttributeNames.call(element).map((name) => {
        return /** @type {[string, string]} */ ([name, getAttribute.call(element, name)]);
      });
      return { name: localName(node), html: namespace(node) === HTML, attributes };
    },
  });
}

/**
 * @param {object} prototype
 * @param {string} name
 * @returns {(node: Node) => any}
 */
function getter(prototype, name) {
  const get = Object.getOwnPropertyDescriptor(prototype, name)?.get;
  return (node) => get?.call(node);
}

/**
 * @typedef {object} Parse5Node what is looked at of a node of parse5's default tree
 * @property {string} nodeName
 * @property {string} [value]
 * @property {string} [tagName]
 * @property {string} [namespaceURI]
 * @property {{ name: string, value: string, prefix?: string }[]} [attrs]
 * @property {Parse5Node[]} [childNodes]
 * @property {Parse5Node | null} [parentNode]
 */

/**
 * The page in a document of parse5, made with `scriptingEnabled: false`.
 *
 * @param {Parse5Node} document
 * @returns {PageElement}
 */
export function fromParse5(document) {
  /** @type {Map<Parse5Node, Parse5Node>} */
  const following = new Map();
  return build(document, {
    first(node) {
      const children = node.childNodes ?? [];
      children.forEach((child, at) => following.set(child, children[at + 1]));
      return children[0];
    },
    next: (node) => following.get(node),
    read({ nodeName, value, tagName, namespaceURI, attrs = [] }) {
      if (nodeName === "#text") {
        return { text: value };
      }
      const attributes = attrs.map(({ name, value: content, prefix }) => {
        return /** @type {[string, string]} */ ([prefix ? `${prefix}:${name}` : name, content]);
      });
      return tagName === undefined ? undefined : { name: tagName, html: namespaceURI === HTML, attributes };
    },
  });
}

/**
 * Builds the tree without recursion: parsers nest as deep as a page asks for.
 *
 * @template T
 * @param {T} document
 * @param {object} parser
 * @param {(node: T) => T | null | undefined} parser.first its first child
 * @param {(node: T) => T | null | undefined} parser.next its next sibling
 * @param {(node: T) => Item | undefined} parser.read what it is, if it counts
 * @returns {PageElement}
 */
function build(document, { first, next, read }) {
  const root = element({ name: "", html: false }, null);
  /** @type {{ into: PageElement, node: T | null | undefined, count: number, types: Map<string, number> }[]} */
  const open = [{ into: root, node: first(document), count: 0, types: new Map() }];
  for (let level = open.at(-1); level !== undefined; level = open.at(-1)) {
    const { into, node, types } = level;
    if (node === null || node === undefined) {
      open.pop();
      continue;
    }
    level.node = next(node);
    const item = read(node);
    const last = into.children.at(-1);
    if (item?.text !== undefined && last !== undefined && !isElement(last)) {
      last.text += item.text;
    } else if (item?.text !== undefined) {
      into.children.push({ text: item.text });
    } else if (item !== undefined) {
      const child = element(item, into);
      level.count += 1;
      child.index = level.count;
      child.typeIndex = (types.get(child.name) ?? 0) + 1;
      types.set(child.name, child.typeIndex);
      into.children.push(child);
      if (!(child.html && child.name === "template")) {
        open.push({ into: child, node: first(node), count: 0, types: new Map() });
      }
    }
  }
  return root;
}

/**
 * @param {Item} item
 * @param {PageElement | null} parent
 * @returns {PageElement}
 */
function element({ name = "", html = true, attributes = [] }, parent) {
  /** @type {Map<string, string>} */
  const byName = new Map();
  for (const [key, value] of attributes) {
    const lower = asciiLower(key);
    if (!byName.has(lower)) {
      byName.set(lower, value);
    }
  }
  const depth = parent === null ? -1 : parent.depth + 1;
  return { name: asciiLower(name), html, attributes: byName, parent, children: [], depth, index: 1, typeIndex: 1 };
}

/**
 * The elements of a page in document order, or those inside one element.
 *
 * @param {PageElement} root
 * @returns {Generator<PageElement>}
 */
export function* elementsIn(root) {
  const open = [{ node: root, at: 0 }];
  for (let level = open.at(-1); level !== undefined; level = open.at(-1)) {
    const child = level.node.children[level.at];
    level.at += 1;
    if (child === undefined) {
      open.pop();
    } else if (isElement(child)) {
      yield child;
      open.push({ node: child, at: 0 });
    }
  }
}

/**
 * The element's ancestors, the nearest first, without the document.
 *
 * @param {PageElement} element
 * @returns {Generator<PageElement>}
 */
export function* ancestorsOf({ parent }) {
  for (let node = parent; node !== null && node.parent !== null; node = node.parent) {
    yield node;
  }
}
