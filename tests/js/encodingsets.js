// The sets of byte sequences of tests/encoding_sets.py. No Node.js in here: a browser runs it too.

// Bytes on both sides of every border that the decoders know.
const THREE = fromHex("002f30393a40417e7f80818f909fa0bfc1c2d8dcdfe0edeff4fe");
const FOUR = fromHex("303980818f90bfd8dcf0f4fe");

/** @type {Record<string, () => Generator<Uint8Array, void>>} */
export const SETS = {
  one: () => product(range(0x100), 1),
  two: () => product(range(0x100), 2),
  three: () => product(THREE, 3),
  four: () => product(FOUR, 4),
  "gb18030-four": gb18030Four,
};

/**
 * What becomes of each sequence of a set, a line each: the hexadecimal UTF-8 of its characters, or `-` and the position.
 *
 * @param {string} set
 * @param {(bytes: Uint8Array) => string | number} decode
 */
export function results(set, decode) {
  const utf8 = new TextEncoder();
  const lines = [];
  for (const sequence of (SETS[set] ?? unknown(set))()) {
    const result = decode(sequence);
    lines.push(typeof result === "number" ? `-${result}\n` : `${toHex(utf8.encode(result))}\n`);
  }
  return lines.join("");
}

/** @param {string} text */
export function fromHex(text) {
  return Uint8Array.from(text.match(/../g) ?? [], (byte) => parseInt(byte, 16));
}

const HEX = range(0x100).map((byte) => byte.toString(16).padStart(2, "0"));

/** @param {Uint8Array} bytes */
function toHex(bytes) {
  let text = "";
  for (const byte of bytes) {
    text += HEX[byte];
  }
  return text;
}

/** @param {number} end */
function range(end) {
  return Array.from({ length: end }, (_, index) => index);
}

/**
 * All sequences of a length, the last byte changing fastest.
 *
 * @param {ArrayLike<number>} alphabet
 * @param {number} length
 * @returns {Generator<Uint8Array, void>}
 */
function* product(alphabet, length) {
  const sequence = new Uint8Array(length);
  for (let number = 0; number < alphabet.length ** length; number += 1) {
    let rest = number;
    for (let at = length - 1; at >= 0; at -= 1) {
      sequence[at] = alphabet[rest % alphabet.length] ?? 0;
      rest = Math.floor(rest / alphabet.length);
    }
    yield sequence;
  }
}

/** @returns {Generator<Uint8Array, void>} */
function* gb18030Four() {
  const sequence = new Uint8Array(4);
  for (const pointer of gb18030Pointers()) {
    sequence[0] = 0x81 + Math.floor(pointer / 12_600);
    sequence[1] = 0x30 + (Math.floor(pointer / 1_260) % 10);
    sequence[2] = 0x81 + (Math.floor(pointer / 10) % 126);
    sequence[3] = 0x30 + (pointer % 10);
    yield sequence;
  }
}

/** Numbers of the four-byte sequences: all that stand for the BMP, and every 61st of those that come after. */
function* gb18030Pointers() {
  for (let pointer = 0; pointer < 39_500; pointer += 1) {
    yield pointer;
  }
  for (let pointer = 39_500; pointer < 1_587_600; pointer += 61) {
    yield pointer;
  }
  for (const border of [189_000, 1_237_576]) {
    for (let pointer = border - 5; pointer < border + 5; pointer += 1) {
      yield pointer;
    }
  }
}

/**
 * @param {string} set
 * @returns {never}
 */
function unknown(set) {
  throw new Error(`no set is called ${set}`);
}
