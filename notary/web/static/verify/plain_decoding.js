import { InvalidText } from "./errors.js";
import { Sequence } from "./sequence.js";

/**
 * The plain text's bytes as characters (step 1 of docs/spec/text-1.md). Nothing is replaced and nothing is guessed.
 *
 * @param {Uint8Array} bytes
 * @returns {Sequence}
 */
export function decodePlain(bytes) {
  if (startsWith(bytes, 0xff, 0xfe, 0, 0) || startsWith(bytes, 0, 0, 0xfe, 0xff) || startsWith(bytes, 0x84, 0x31, 0x95, 0x33)) {
    throw new InvalidText("The text is in UTF-32 or GB 18030. Save it as UTF-8.", "unsupported-encoding", 0);
  }
  if (startsWith(bytes, 0xef, 0xbb, 0xbf)) {
    return decodeUtf8(bytes, 3);
  }
  if (startsWith(bytes, 0xff, 0xfe)) {
    return decodeUtf16(bytes, true);
  }
  return startsWith(bytes, 0xfe, 0xff) ? decodeUtf16(bytes, false) : decodeUtf8(bytes);
}

/**
 * @param {Uint8Array} bytes
 * @param {number} [start] how many bytes of it are a byte order mark
 * @returns {Sequence}
 */
export function decodeUtf8(bytes, start = 0) {
  const text = new Sequence(bytes.length || 1);
  for (let at = start; at < bytes.length; ) {
    const lead = bytes[at];
    if (lead < 0x80) {
      text.push(lead);
      at += 1;
      continue;
    }
    const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (lead < 0xc2 || lead > 0xf4 || at + length > bytes.length) {
      throw undecodable("UTF-8", at);
    }
    let point = lead & (0xff >> (length + 1));
    for (let next = at + 1; next < at + length; next += 1) {
      if ((bytes[next] & 0xc0) !== 0x80) {
        throw undecodable("UTF-8", at);
      }
      point = (point << 6) | (bytes[next] & 0x3f);
    }
    const overlong = point < (length === 2 ? 0x80 : length === 3 ? 0x800 : 0x10000);
    if (overlong || point > 0x10ffff || isSurrogate(point)) {
      throw undecodable("UTF-8", at);
    }
    text.push(point);
    at += length;
  }
  return text;
}

/**
 * @param {Uint8Array} bytes with a byte order mark
 * @param {boolean} little
 */
function decodeUtf16(bytes, little) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = new Sequence(bytes.length / 2 + 1);
  for (let at = 2; at < bytes.length; at += 2) {
    if (at + 2 > bytes.length) {
      throw undecodable("UTF-16", at);
    }
    let point = view.getUint16(at, little);
    if (isSurrogate(point)) {
      const low = at + 4 <= bytes.length ? view.getUint16(at + 2, little) : 0;
      if (point > 0xdbff || low < 0xdc00 || low > 0xdfff) {
        throw undecodable("UTF-16", at);
      }
      point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
      at += 2;
    }
    text.push(point);
  }
  return text;
}

/** @param {number} point */
const isSurrogate = (point) => point >= 0xd800 && point <= 0xdfff;

/**
 * @param {string} encoding
 * @param {number} at
 */
function undecodable(encoding, at) {
  return new InvalidText(`The text is not ${encoding} from byte ${at} on. Save it as UTF-8.`, "undecodable", at);
}

/**
 * @param {Uint8Array} bytes
 * @param {...number} start
 */
const startsWith = (bytes, ...start) => start.every((byte, at) => bytes[at] === byte);
