// Random numbers come from a seed, so that every visitor sees the same digits and tokens, and a test
// can draw them again.

export class Random {
  #state: number;

  /** The numbers of a seed have several streams: of a seed of the experiment, of a batch, ... */
  constructor(...seed: readonly number[]) {
    this.#state = seed.reduce((mixed, part) => scramble(mixed ^ part) + 0x9e3779b9, 1);
  }

  /** In [0, 1): mulberry32. */
  uniform(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  between(low: number, high: number): number {
    return low + this.uniform() * (high - low);
  }

  /** An integer from 0 to below `count`. */
  below(count: number): number {
    return Math.floor(this.uniform() * count);
  }

  /** Standard normal: Box and Muller. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }
}

/** A bijection of 32 bits that no neighbours survive: the end of MurmurHash3. */
function scramble(word: number): number {
  let t = word;
  t = Math.imul(t ^ (t >>> 16), 0x85ebca6b);
  t = Math.imul(t ^ (t >>> 13), 0xc2b2ae35);
  return t ^ (t >>> 16);
}
