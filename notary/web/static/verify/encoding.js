// The bytes of an HTML page to characters, strictly and as a browser reads them. docs/spec/encoding.md.
//
// The twin of notary/core/encodings.py. Single-byte encodings are decoded by the standard's own tables, because not every
// TextDecoder has them right (Node.js 20 takes windows-1252 for Latin-1); UTF-8, UTF-16 and GB 18030 by TextDecoder, which
// is held against the standard over all their sequences in the tests, and in GB 18030 once more where it runs.

import { SINGLE_BYTE } from "./encodingtables.js";
import { InvalidText } from "./errors.js";
import { declarations, lookup, prescan } from "./prescan.js";

/** @typedef {"bom" | "transport" | "meta" | "default"} Source what named the encoding */

const REFUSED_SIGNATURES = [
  [0xff, 0xfe, 0x00, 0x00],
  [0x00, 0x00, 0xfe, 0xff],
];
const BYTE_ORDER_MARKS = /** @type {const} */ ([
  [[0xef, 0xbb, 0xbf], "utf-8"],
  [[0xff, 0xfe], "utf-16le"],
  [[0xfe, 0xff], "utf-16be"],
]);

// What the standard has since GB 18030-2022, in the first of which it differs from that. Older engines give others.
const GB18030_PROBE = Uint8Array.from(
  "a3a0a6d9a6daa6dba6dca6dda6dea6dfa6eca6eda6f3a8bcfe59fe61fe66fe67fe6dfe7efe90fea0808135f437".match(/../g) ?? [],
  (byte) => parseInt(byte, 16),
);
const GB18030_EXPECTED =
  "\u3000\ufe10\ufe12\ufe11\ufe13\ufe14\ufe15\ufe16\ufe17\ufe18\ufe19\u1e3f" +
  "\u9fb4\u9fb5\u9fb6\u9fb7\u9fb8\u9fb9\u9fba\u9fbb\u20ac\ue7c7";

const UNDEFINED = "\ufffd";
// Enough characters for one call of TextDecoder to be worth it, and few enough to be looked through one by one.
const STRIDE = 4096;

/** @type {Map<string, TextDecoder>} */
const decoders = new Map();

/**
 * The characters of a page, without a byte order mark, the encoding by the name that the standard has for it, and what
 * named it. Throws InvalidText (`unsupported-encoding`, `conflicting-encodings`, `undecodable`; with the last, `position`
 * is an offset in bytes).
 *
 * @param {Uint8Array} bytes
 * @param {string | null} [charset] the label that came over HTTP
 * @returns {{ text: string, encoding: string, source: Source }}
 */
export function decodeHtml(bytes, charset = null) {
  if (REFUSED_SIGNATURES.some((signature) => startsWith(bytes, signature))) {
    throw unsupported("The page is UTF-32, which browsers do not read.");
  }
  for (const [mark, encoding] of BYTE_ORDER_MARKS) {
    if (startsWith(bytes, mark)) {
      return { text: decode(bytes, encoding, mark.length), encoding, source: "bom" };
    }
  }
  if (charset !== null) {
    const encoding = ofLabel(charset);
    return { text: decode(bytes, encoding, 0), encoding, source: "transport" };
  }
  const page = asLatin1(bytes);
  const declared = prescan(page);
  const encoding = declared ?? "utf-8";
  for (const other of declarations(page)) {
    if (other === null || decoderOf(other) !== decoderOf(encoding)) {
      throw conflicting(encoding, other);
    }
  }
  return { text: decode(bytes, encoding, 0), encoding, source: declared === null ? "default" : "meta" };
}

/**
 * The characters of `bytes` in an encoding; a byte order mark is a character like others.
 *
 * @param {Uint8Array} bytes
 * @param {string} encoding
 */
export function decodeAs(bytes, encoding) {
  return decode(bytes, encoding, 0);
}

/**
 * @param {Uint8Array} bytes
 * @param {readonly number[]} prefix
 */
function startsWith(bytes, prefix) {
  return prefix.every((byte, index) => bytes[index] === byte);
}

/**
 * Each byte as the character of the same number.
 *
 * @param {Uint8Array} bytes
 */
function asLatin1(bytes) {
  let text = "";
  for (let start = 0; start < bytes.length; start += STRIDE) {
    text += String.fromCharCode(...bytes.subarray(start, start + STRIDE));
  }
  return text;
}

/** @param {string} label */
function ofLabel(label) {
  const encoding = lookup(label);
  if (encoding === null) {
    throw unsupported(`The page was sent as "${label.slice(0, 40)}", which is the name of no encoding.`);
  }
  return encoding;
}

/**
 * @param {Uint8Array} bytes
 * @param {string} encoding
 * @param {number} skipped how many bytes at the start are no characters
 */
function decode(bytes, encoding, skipped) {
  const upperHalf = SINGLE_BYTE[encoding];
  if (upperHalf !== undefined) {
    return decodeSingleBytes(bytes, encoding, upperHalf);
  }
  const decoder = decoderFor(encoding);
  try {
    return decoder.decode(bytes.subarray(skipped));
  } catch {
    throw undecodable(encoding, offence(bytes, decoder, skipped));
  }
}

/**
 * @param {Uint8Array} bytes
 * @param {string} encoding
 * @param {string} upperHalf
 */
function decodeSingleBytes(bytes, encoding, upperHalf) {
  const text = asLatin1(bytes).replace(/[\x80-\xff]/g, (byte) => upperHalf[byte.charCodeAt(0) - 0x80] ?? UNDEFINED);
  const position = text.indexOf(UNDEFINED);
  if (position >= 0) {
    throw undecodable(encoding, position);
  }
  return text;
}

/** @param {string} encoding */
function decoderFor(encoding) {
  const name = decoderOf(encoding);
  const known = decoders.get(name);
  if (known !== undefined) {
    return known;
  }
  if (name !== "utf-8" && name !== "utf-16le" && name !== "utf-16be" && name !== "gb18030") {
    throw unsupported(`The page is encoded as ${encoding}, which is not supported.`);
  }
  const decoder = new TextDecoder(name, { fatal: true, ignoreBOM: true });
  if (name === "gb18030" && decoder.decode(GB18030_PROBE) !== GB18030_EXPECTED) {
    throw unsupported("This program reads GB 18030 by a table older than that of 2022.");
  }
  decoders.set(name, decoder);
  return decoder;
}

/**
 * GBK is decoded as GB 18030; not every TextDecoder does so by itself.
 *
 * @param {string} encoding
 */
function decoderOf(encoding) {
  return encoding === "gbk" ? "gb18030" : encoding;
}

/**
 * The offset of the first bytes that are no character, in bytes that cannot be decoded.
 *
 * @param {Uint8Array} bytes
 * @param {TextDecoder} decoder
 * @param {number} position
 */
function offence(bytes, decoder, position) {
  const length = LENGTHS[decoder.encoding] ?? (() => 1);
  while (position < bytes.length) {
    let end = position;
    for (let count = 0; count < STRIDE && end < bytes.length; count += 1) {
      end += length(bytes, end);
    }
    if (decodes(decoder, bytes.subarray(position, end))) {
      position = end;
      continue;
    }
    while (decodes(decoder, bytes.subarray(position, position + length(bytes, position)))) {
      position += length(bytes, position);
    }
    return position;
  }
  return position;
}

/**
 * @param {TextDecoder} decoder
 * @param {Uint8Array} bytes
 */
function decodes(decoder, bytes) {
  try {
    decoder.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/**
 * How many bytes the character takes that begins at an offset, if one does.
 *
 * @type {Record<string, (bytes: Uint8Array, at: number) => number>}
 */
const LENGTHS = {
  "utf-8": (bytes, at) => {
    const first = bytes[at] ?? 0;
    return first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  },
  "utf-16le": (bytes, at) => (((bytes[at + 1] ?? 0) & 0xfc) === 0xd8 ? 4 : 2),
  "utf-16be": (bytes, at) => (((bytes[at] ?? 0) & 0xfc) === 0xd8 ? 4 : 2),
  gb18030: (bytes, at) => {
    const first = bytes[at] ?? 0;
    const second = bytes[at + 1] ?? 0;
    return first <= 0x80 ? 1 : second >= 0x30 && second <= 0x39 ? 4 : 2;
  },
};

/** @param {string} what */
function unsupported(what) {
  return new InvalidText(`${what} Save the page as UTF-8.`, "unsupported-encoding");
}

/**
 * @param {string} encoding
 * @param {string | null} other
 */
function conflicting(encoding, other) {
  const what =
    other === null
      ? "The page holds too many broken <meta> tags to tell what they declare."
      : `The page would be read as ${encoding}, but has a declaration of ${other} as well.`;
  return new InvalidText(`${what} Save the page as UTF-8, with one declaration.`, "conflicting-encodings");
}

/**
 * @param {string} encoding
 * @param {number} position
 */
function undecodable(encoding, position) {
  const what = `Not ${encoding}: the bytes from offset ${position} on are no character.`;
  return new InvalidText(`${what} Save the page as UTF-8.`, "undecodable", position);
}
