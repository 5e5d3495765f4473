// A state has the moments of data as exact integers, so that they can be stored, sent and merged in
// any order, on any machine. It needs no GPU.

import { fail, show } from "../base/errors";
import { ANY, checkOptions, FLAG, type OptionTable } from "../base/options";
import { checkAxes, sameShape } from "../base/shape";
import { fromBase64, toBase64 } from "./base64";
import { checkContent, type MomentsRecord, recordContent } from "./content";
import { quotient, UNIT_BITS } from "./exact";
import {
  type Content,
  fromBytes,
  isUniform,
  keptOf,
  OTHER_NAMES,
  type Others,
  STATE_DTYPES,
  type StateDType,
  toBytes,
  VERSION,
} from "./format";
import {
  checkNew,
  checkRange,
  covers,
  insert,
  type Range,
  type StateRange,
  showRange,
  without,
} from "./ranges";

const NAME = "MomentsState";
const FORMAT = "webgpu-norm/moments";
const LIMIT = 1n << 64n;

export interface MomentsStateOptions {
  /** The shape is that of the whole data; -1 stands for any length, of axes that are reduced. */
  shape: readonly number[];
  /** The elements along these axes share statistics, negative from the end. Default: all. */
  axes?: readonly number[] | undefined;
  /** The dtype says what the data are stored in; states of one dtype merge. Default "f32". */
  dtype?: StateDType | undefined;
}

const OPTIONS: OptionTable<MomentsStateOptions> = { shape: ANY, axes: ANY, dtype: ANY };

const RECORD_OPTIONS: OptionTable<MomentsRecord> = {
  count: ANY,
  range: ANY,
  pivot: ANY,
  delta: ANY,
  variance: ANY,
  sum: ANY,
  squares: ANY,
  min: ANY,
  max: ANY,
  nan: ANY,
  posInf: ANY,
  negInf: ANY,
};

export interface StateMomentsOptions {
  /**
   * With true the moments are of the finite values alone. Default false: NaN and infinity spread as
   * in the library's norms.
   */
  finite?: boolean | undefined;
}

const MOMENTS_OPTIONS: OptionTable<StateMomentsOptions> = { finite: FLAG };

/** One entry a group, the kept axes row-major. */
export interface StateMoments {
  /** So many finite values a group has. */
  readonly count: BigUint64Array<ArrayBuffer>;
  readonly mean: Float64Array<ArrayBuffer>;
  /** The variance is that of the population. */
  readonly variance: Float64Array<ArrayBuffer>;
  /** The least of the finite values, where all records had one; Infinity for a group of none. */
  readonly min?: Float32Array<ArrayBuffer>;
  /** The largest of the finite values, where all records had one; -Infinity for a group of none. */
  readonly max?: Float32Array<ArrayBuffer>;
  readonly nan: BigUint64Array<ArrayBuffer>;
  readonly posInf: BigUint64Array<ArrayBuffer>;
  readonly negInf: BigUint64Array<ArrayBuffer>;
}

/** The JSON of a state: the bytes in base64, and what people read of them. */
export interface MomentsStateJSON {
  readonly format: typeof FORMAT;
  readonly version: number;
  readonly shape: readonly number[];
  readonly axes: readonly number[];
  readonly dtype: StateDType;
  /** Decimal; one for all groups where they are equal. */
  readonly count: string | readonly string[];
  readonly ranges: readonly (readonly [first: string, last: string])[];
  readonly bytes: string;
  readonly notes?: Readonly<Record<string, string>>;
}

function checkedShape(shape: unknown, axes: unknown): Pick<Content, "shape" | "axes"> {
  const isLength = (length: unknown) =>
    Number.isInteger(length) && (length as number) >= -1 && (length as number) < 2 ** 32 - 1;
  if (!Array.isArray(shape) || shape.length > 8 || !Array.from(shape).every(isLength)) {
    fail(NAME, `shape ${show(shape)}, expected up to 8 lengths, or -1 for any length`);
  }
  const flags = checkAxes(NAME, axes, shape.length);
  const reduced = flags.flatMap((is, i) => (is ? [i] : []));
  if (shape.some((length, i) => !flags[i] && length < 1)) {
    fail(NAME, `shape ${show(shape)}, expected axes that are not reduced of known lengths`);
  }
  return { shape: Object.freeze([...shape]), axes: Object.freeze(reduced) };
}

function emptyContent(options: MomentsStateOptions): Content {
  const { shape, axes, dtype = "f32" } = checkOptions(NAME, options, OPTIONS);
  if (!STATE_DTYPES.includes(dtype)) {
    fail(NAME, `dtype ${show(dtype)}, expected one of ${STATE_DTYPES.join(", ")}`);
  }
  const checked = checkedShape(shape, axes);
  const groups = keptOf(checked).reduce((product, length) => product * length, 1);
  const zeros = () => new Array<bigint>(groups).fill(0n);
  const filled = (value: number) => new Float32Array(groups).fill(value);
  return {
    ...{ ...checked, dtype },
    ...{ counts: zeros(), sums: zeros(), squares: zeros() },
    extremes: { min: filled(Infinity), max: filled(-Infinity) },
    others: { nan: zeros(), posInf: zeros(), negInf: zeros() },
    ranges: [],
  };
}

/** Adds the integers of one content to those of another one, or with -1 subtracts them. */
function addIntegers(into: Content, from: Content, sign: 1n | -1n): void {
  const lists = (content: Content) => [
    content.counts,
    content.sums,
    content.squares,
    ...OTHER_NAMES.map((name) => content.others[name]),
  ];
  const own = lists(into);
  lists(from).forEach((list, k) => {
    const sums = own[k] as bigint[];
    list.forEach((value, i) => {
      sums[i] = (sums[i] as bigint) + sign * value;
    });
  });
}

function addExtremes(into: Content, from: Content): void {
  if (!into.extremes || !from.extremes) {
    into.extremes = null;
    return;
  }
  const { min, max } = into.extremes;
  from.extremes.min.forEach((value, i) => {
    min[i] = Math.min(value, min[i] as number);
  });
  from.extremes.max.forEach((value, i) => {
    max[i] = Math.max(value, max[i] as number);
  });
}

/**
 * A state has mean, population variance and count of data, for each index of the axes that are kept:
 * what workers send, files keep, and later data are added to. It covers ranges of the data, and
 * counts none of them twice.
 *
 * A record of f32 stands for the sums n (p + d) and n ((p + d)^2 + v), which are whole numbers of
 * 2^-149 and 2^-298; a state has their sums as integers. Merging is therefore commutative,
 * associative and invertible to the bit: the same records give the same bytes in any order and
 * grouping. Only `moments` rounds, each result once. Throws NormError for unknown options, a length
 * that is not known of a kept axis, unknown or duplicate axes and unknown dtypes. An error of any
 * method leaves the state as it was.
 */
export class MomentsState {
  readonly #content: Content;
  /** Notes are texts of yours, such as the adapter's name. JSON has them; bytes and merges do not. */
  notes: Record<string, string> = {};

  constructor(options: MomentsStateOptions) {
    this.#content = emptyContent(options);
  }

  get shape(): readonly number[] {
    return this.#content.shape;
  }

  /** The reduced axes, in order. */
  get axes(): readonly number[] {
    return this.#content.axes;
  }

  get dtype(): StateDType {
    return this.#content.dtype;
  }

  /** The ranges that are counted, in order; neighbours are one range. */
  get ranges(): Range[] {
    return this.#content.ranges.map(([first, last]) => [first, last]);
  }

  /** Returns whether all of a range is counted. */
  covers(range: StateRange): boolean {
    return covers(this.#content.ranges, checkRange(`${NAME}.covers`, range));
  }

  /**
   * Adds the moments of one part of the data, and returns the state. count, pivot, delta and
   * variance are of finite values alone. For integers `sum` and `squares`, BigInts, take the place
   * of the latter three: the state is then exact throughout.
   *
   * Throws NormError for a range of which something is counted, for lists of another length, for
   * values that f32 does not have, for counts that are not whole, and for sums that no data have.
   */
  add(record: MomentsRecord): this {
    const op = `${NAME}.add`;
    checkOptions(op, record, RECORD_OPTIONS);
    return this.addAll(op, [record], checkRange(op, record.range));
  }

  /** @internal Adds records of one range. */
  addAll(op: string, records: readonly Omit<MomentsRecord, "range">[], range: StateRange): this {
    const checked = checkRange(op, range);
    const all = records.map((record, i) =>
      recordContent(op, this.#content, record as MomentsRecord, i === 0 ? checked : null),
    );
    return this.#take(op, all);
  }

  /**
   * Adds all that another state counts, and returns this one; the other one stays as it is. Throws
   * NormError for a state of another shape, other axes or another dtype, and for a range that both
   * count.
   */
  merge(other: MomentsState): this {
    const op = `${NAME}.merge`;
    return this.#take(op, [this.#checkOther(op, other)]);
  }

  /**
   * Takes away all that another state counts, and returns this one. The least and the largest values
   * are dropped, since what is left does not tell them. Throws NormError as `merge` does, and for a
   * state that is not a part of this one.
   */
  subtract(other: MomentsState): this {
    const op = `${NAME}.subtract`;
    const from = this.#checkOther(op, other);
    const missing = from.ranges.find((range) => !covers(this.#content.ranges, range));
    if (missing) fail(op, `range ${showRange(missing)} is not counted, expected one that is`);
    const left: Content = { ...this.#copied(), extremes: null };
    left.ranges = from.ranges.reduce(without, left.ranges);
    addIntegers(left, from, -1n);
    checkContent(op, left);
    Object.assign(this.#content, left);
    return this;
  }

  /**
   * Returns count, mean and population variance of each group, each rounded once to f64, with the
   * least and the largest value where all records had them, and the counts of values that are not
   * finite. A group without values has the mean NaN; NaN or infinity make mean and variance what the
   * norms make of them.
   */
  moments(options: StateMomentsOptions = {}): StateMoments {
    const { finite = false } = checkOptions(`${NAME}.moments`, options, MOMENTS_OPTIONS);
    const { counts, sums, squares, extremes, others } = this.#content;
    const spread = (i: number) => (finite ? 0 : spreadOf(others, i));
    const mean = Float64Array.from(counts, (n, i) => {
      const value = n > 0n ? quotient(sums[i] as bigint, n, -UNIT_BITS) : Number.NaN;
      return spread(i) === 0 ? value : spread(i);
    });
    const variance = Float64Array.from(counts, (n, i) => {
      if (n === 0n || spread(i) !== 0) return Number.NaN;
      const sum = sums[i] as bigint;
      return quotient(n * (squares[i] as bigint) - sum * sum, n * n, -2 * UNIT_BITS);
    });
    const [nan, posInf, negInf] = OTHER_NAMES.map((name) => BigUint64Array.from(others[name]));
    return {
      ...{ count: BigUint64Array.from(counts), mean, variance },
      ...(extremes && { min: extremes.min.slice(), max: extremes.max.slice() }),
      ...({ nan, posInf, negInf } as Pick<StateMoments, "nan" | "posInf" | "negInf">),
    };
  }

  /** Returns the state as bytes of version 1: one form for one content, without the notes. */
  toBytes(): Uint8Array<ArrayBuffer> {
    return toBytes(this.#content);
  }

  /**
   * Makes a state of bytes. Throws NormError for bytes that are no state's, that were changed or cut
   * (CRC-32), of a newer version, or with flags that this one does not know.
   */
  static fromBytes(bytes: ArrayBuffer | ArrayBufferView): MomentsState {
    const op = `${NAME}.fromBytes`;
    const isView = ArrayBuffer.isView(bytes);
    if (!isView && !(bytes instanceof ArrayBuffer)) {
      fail(op, `bytes is ${show(bytes)}, expected a Uint8Array or ArrayBuffer`);
    }
    const all = isView
      ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      : new Uint8Array(bytes);
    const content = fromBytes(op, all);
    const { shape, axes, dtype } = content;
    const state = new MomentsState({ shape, axes, dtype });
    checkContent(op, content);
    Object.assign(state.#content, content);
    return state;
  }

  /** Returns plain data, which `JSON.stringify` asks for. */
  toJSON(): MomentsStateJSON {
    const { shape, axes, dtype, counts, ranges } = this.#content;
    const texts = counts.map(String);
    return {
      ...{ format: FORMAT, version: VERSION, shape, axes, dtype },
      count: isUniform(counts) ? (texts[0] as string) : texts,
      ranges: ranges.map(([first, last]) => [String(first), String(last)]),
      bytes: toBase64(this.toBytes()),
      ...(Object.keys(this.notes).length > 0 && { notes: { ...this.notes } }),
    };
  }

  /**
   * Makes a state of what `toJSON` gave, or of its text. Throws NormError as `fromBytes` does, and
   * where the parts that people read differ from the bytes.
   */
  static fromJSON(json: MomentsStateJSON | string): MomentsState {
    const op = `${NAME}.fromJSON`;
    const given = Object(typeof json === "string" ? parsed(op, json) : json);
    if (given.format !== FORMAT) {
      fail(op, `format ${show(given.format)}, expected ${show(FORMAT)}`);
    }
    if (given.version !== VERSION) {
      fail(op, `version ${show(given.version)}, expected ${VERSION}`);
    }
    const state = MomentsState.fromBytes(fromBase64(op, given.bytes));
    for (const [name, value] of Object.entries(state.toJSON())) {
      if (JSON.stringify(given[name]) !== JSON.stringify(value)) {
        fail(op, `${name} ${show(given[name])}, expected ${show(value)} as in the bytes`);
      }
    }
    for (const [name, note] of Object.entries(Object(given.notes))) {
      if (typeof note !== "string") fail(op, `notes.${name} ${show(note)}, expected a text`);
      state.notes[name] = note;
    }
    return state;
  }

  #take(op: string, parts: readonly Content[]): this {
    const content = this.#content;
    const ranges = parts.flatMap((part) => part.ranges);
    for (const range of ranges) checkNew(op, content.ranges, range);
    for (const name of ["counts", ...OTHER_NAMES] as const) {
      const list = ({ counts, others }: Content) => (name === "counts" ? counts : others[name]);
      list(content).forEach((own, i) => {
        const sum = parts.reduce((total, part) => total + (list(part)[i] as bigint), own);
        if (sum >= LIMIT) fail(op, `group ${i} has ${sum} values, expected at most 2^64 - 1`);
      });
    }
    for (const part of parts) {
      addExtremes(content, part);
      addIntegers(content, part, 1n);
    }
    for (const range of ranges) insert(content.ranges, range);
    return this;
  }

  #checkOther(op: string, other: unknown): Content {
    if (!(other instanceof MomentsState)) fail(op, `other is ${show(other)}, expected a state`);
    const { shape, axes, dtype } = this.#content;
    const theirs = other.#content;
    if (!sameShape(shape, theirs.shape) || !sameShape(axes, theirs.axes)) {
      const given = `other has shape ${show(theirs.shape)} and axes ${show(theirs.axes)}`;
      fail(op, `${given}, expected ${show(shape)} and ${show(axes)}`);
    }
    if (dtype !== theirs.dtype) fail(op, `other has dtype ${theirs.dtype}, expected ${dtype}`);
    return theirs;
  }

  #copied(): Content {
    const content = this.#content;
    const { others } = content;
    const names = OTHER_NAMES.map((name) => [name, [...others[name]]]);
    return {
      ...content,
      ...{ counts: [...content.counts], sums: [...content.sums], squares: [...content.squares] },
      others: Object.fromEntries(names) as unknown as Others,
    };
  }
}

/** Returns what values that are not finite make of a sum: 0 where there are none. */
function spreadOf({ nan, posInf, negInf }: Others, i: number): number {
  const [up, down] = [(posInf[i] as bigint) > 0n, (negInf[i] as bigint) > 0n];
  if ((nan[i] as bigint) > 0n || (up && down)) return Number.NaN;
  return up ? Infinity : down ? -Infinity : 0;
}

function parsed(op: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return fail(op, `the text is no JSON (${(error as Error).message}), expected a state's`);
  }
}
