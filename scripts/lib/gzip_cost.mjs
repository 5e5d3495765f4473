// This file says what each byte of a text costs in its gzip: the bits of the symbol that stands for
// it, shared with the other bytes of a match. What a part of a page costs is then a sum, and the sums
// of all parts are the size of the whole. Leaving a part out would say less: what two parts share
// would count for neither.

import { constants, deflateRawSync } from "node:zlib";

/** These symbols have no extra bits, then `step` have one, `step` have two, up to `most`. */
const extraBits = (
  /** @type {number} */ none,
  /** @type {number} */ step,
  /** @type {number} */ most,
) =>
  Array.from({ length: none + step * most }, (_, i) =>
    Math.max(0, 1 + Math.floor((i - none) / step)),
  );

/** Returns the first value of each symbol, with its extra bits (RFC 1951, 3.2.5). */
function valuesOf(/** @type {readonly number[]} */ extra, /** @type {number} */ first) {
  let base = first;
  return extra.map((bits) => {
    const entry = { base, bits };
    base += 2 ** bits;
    return entry;
  });
}

const LENGTHS = [...valuesOf(extraBits(8, 4, 5), 3), { base: 258, bits: 0 }];
const DISTANCES = valuesOf(extraBits(4, 2, 13), 1);
const CODE_LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const [END, FIRST_LENGTH] = [256, 257];

/** Reads bits, the lowest of a byte first. */
class Bits {
  at = 0;
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes;
  }
  /** @param {number} count */
  number(count) {
    let value = 0;
    for (let i = 0; i < count; i++) value += this.bit() * 2 ** i;
    return value;
  }
  bit() {
    const bit = ((this.bytes[this.at >> 3] ?? 0) >> (this.at & 7)) & 1;
    this.at++;
    return bit;
  }
  /** @param {ReadonlyMap<number, number>} code */
  symbol(code) {
    for (let word = 1; ; ) {
      word = word * 2 + this.bit();
      const symbol = code.get(word);
      if (symbol !== undefined) return symbol;
    }
  }
}

/** Returns the symbols of a Huffman code by their words, each with a 1 in front (RFC 1951, 3.2.2). */
function codeOf(/** @type {readonly number[]} */ lengths) {
  /** @type {Map<number, number>} */
  const code = new Map();
  let next = 0;
  for (let length = 1; length < 16; length++) {
    next *= 2;
    for (const [symbol, own] of lengths.entries()) {
      if (own === length) code.set(2 ** length + next++, symbol);
    }
  }
  return code;
}

/** Reads the two codes of a block (RFC 1951, 3.2.7). */
function codesOf(/** @type {Bits} */ bits) {
  const [literals, distances, used] = [
    257 + bits.number(5),
    1 + bits.number(5),
    4 + bits.number(4),
  ];
  const own = new Array(19).fill(0);
  for (const symbol of CODE_LENGTH_ORDER.slice(0, used)) own[symbol] = bits.number(3);
  const code = codeOf(own);
  /** @type {number[]} */
  const lengths = [];
  while (lengths.length < literals + distances) {
    const symbol = bits.symbol(code);
    if (symbol < 16) lengths.push(symbol);
    else if (symbol === 16) repeat(lengths.at(-1) ?? 0, 3 + bits.number(2));
    else repeat(0, symbol === 17 ? 3 + bits.number(3) : 11 + bits.number(7));
  }
  /** @param {number} value @param {number} times */
  function repeat(value, times) {
    for (let i = 0; i < times; i++) lengths.push(value);
  }
  return [codeOf(lengths.slice(0, literals)), codeOf(lengths.slice(literals))];
}

/** Returns the bytes of gzip for each byte of a text. Their sum lacks only headers and codes. */
export function gzipCosts(/** @type {Uint8Array} */ text) {
  const bits = new Bits(deflateRawSync(text, { level: constants.Z_BEST_COMPRESSION }));
  const costs = new Float64Array(text.length);
  let at = 0;
  for (let last = 0; last === 0; ) {
    last = bits.bit();
    if (bits.number(2) !== 2) throw new Error("gzip cost: a block without codes of its own");
    const [literals, distances] = codesOf(bits);
    for (;;) {
      const start = bits.at;
      const symbol = bits.symbol(/** @type {Map<number, number>} */ (literals));
      if (symbol === END) break;
      let length = 1;
      if (symbol >= FIRST_LENGTH) {
        length = read(LENGTHS, symbol - FIRST_LENGTH);
        read(DISTANCES, bits.symbol(/** @type {Map<number, number>} */ (distances)));
      }
      costs.fill((bits.at - start) / 8 / length, at, at + length);
      at += length;
    }
  }
  return costs;

  /** @param {readonly {base: number, bits: number}[]} table @param {number} index */
  function read(table, index) {
    const value = table[index];
    if (value === undefined) throw new Error(`gzip cost: ${index} is no symbol`);
    return value.base + bits.number(value.bits);
  }
}
