// The check of a problem: results against the reference, sentinels around every binding, and the
// same bits by other ways to call it. NaN and infinity must stay in their group.

import * as library from "../../src/index";
import { type Context, prepare, type Tensor } from "../../src/index";
import { groupStrides, visit } from "../support/arrays";
import { call, compare } from "../support/comparison";
import { type Placed, placeAt, placeDense, trespass, unwritten } from "../support/placement";
import { type Problem, referenceOf, typeOf } from "../support/problem";
import { Random } from "../support/random";
import { expected } from "../support/tolerance";
import type { Case } from "./case";
import { fitsInPlace, type Laid, problemOf } from "./problem_of";

type Tensors = Readonly<Record<string, Tensor>>;

/** Arrays of a problem on the GPU. */
interface Uploaded {
  readonly placed: Readonly<Record<string, Placed>>;
  readonly tensors: Tensors;
  readonly out: Placed | undefined;
  destroy(): void;
}

function upload(ctx: Context, { problem, spots }: Laid, { placings }: Case): Uploaded {
  const placed = Object.fromEntries(
    Object.entries(problem.inputs).map(([name, values]): [string, Placed] => {
      const dtype = problem.types?.[name] ?? "f32";
      const spot = spots[name];
      return [name, spot ? placeAt(ctx, values, spot, dtype) : placeDense(ctx, values, dtype)];
    }),
  );
  const shape = spots.out && (referenceOf(problem).y ?? problem.inputs.x).shape;
  const apart = spots.out && placeAt(ctx, unwritten(shape), spots.out, typeOf(problem, "y"));
  const out = placings.out === "x" && fitsInPlace(problem) ? placed.x : apart;
  const all = [...Object.values(placed), ...(apart ? [apart] : [])];
  return {
    placed,
    tensors: Object.fromEntries(Object.entries(placed).map(([name, { tensor }]) => [name, tensor])),
    out,
    destroy: () => {
      for (const one of all) one.destroy();
    },
  };
}

/** The bits of all results, as text that names what is in them. */
async function bitsOf(results: Tensors): Promise<string[]> {
  return Promise.all(
    Object.entries(results).map(async ([name, tensor]) => {
      const values = await tensor.read();
      return `${name} ${tensor.dtype} [${tensor.shape}] ${new Uint32Array(values.buffer, 0, values.length)}`;
    }),
  );
}

function sameBits(how: string, given: readonly string[], wanted: readonly string[]): string | null {
  const at = wanted.findIndex((bits) => !given.includes(bits));
  if (at < 0) return null;
  const [name] = wanted[at].split(" ");
  const other = given.find((bits) => bits.startsWith(`${name} `));
  return `${how} gives other bits: ${wanted[at].slice(0, 100)}, ${other?.slice(0, 100)}`;
}

/** Running statistics are written if the batch's are measured; x and "out" if they are the result. */
async function trespasses(ctx: Context, { problem }: Laid, { placed, out }: Uploaded) {
  const { placed: _, ...written } = {
    placed,
    runningMean: placed.runningMean,
    runningVar: placed.runningVar,
  };
  const writable = new Set([
    out,
    ...(problem.operation.kind === "norm" ? Object.values(written) : []),
  ]);
  const entries = [
    ...Object.entries(placed),
    ...(out && out !== placed.x ? [["out", out] as const] : []),
  ];
  for (const [name, one] of entries) {
    const found = await trespass(ctx, one, writable.has(one));
    if (found) return `${name}: ${found}`;
  }
  return null;
}

const exported = library as unknown as Readonly<Record<string, { definition?: object }>>;

/** Operations composed of several have no plan of their own. */
const isSingle = ({ operation }: Case) => exported[operation].definition !== undefined;

/** The first argument lies as it can be prepared for: at a multiple of 256 bytes. */
function aligned({ problem, spots }: Laid): Laid {
  const first = firstOf(problem);
  return spots[first]
    ? { problem, spots: { ...spots, [first]: { ...spots[first], before: 0 } } }
    : { problem, spots };
}

const firstOf = ({ operation: { kind, first = "dy" } }: Problem) =>
  kind === "gradient" ? first : "x";

/** The results of a recording in a pass of the caller's. */
function recorded(ctx: Context, problem: Problem, { tensors, out }: Uploaded) {
  const { operation, options } = problem;
  const { [firstOf(problem)]: input, ...others } = tensors;
  const { shape, strides, dtype: inputType } = input;
  const inPlace = out !== undefined && out.tensor === tensors.x;
  const place = inPlace ? { inPlace } : out && { out: out.tensor };
  const spec = { ...options, ...others, ...place, shape, strides, inputType };
  const prepared = prepare(ctx, exported[operation.name] as never, spec as never);
  const encoder = ctx.device.createCommandEncoder();
  const result = prepared.encode(encoder, tensors) as object;
  ctx.device.queue.submit([encoder.finish()]);
  return { result, prepared };
}

/** A result that nobody wants gives its buffer back within the batch, to be used again. */
const passingBy = (x: Tensor) => library.softmax(x, { axes: [0] }).destroy();

/** By the names of the reference, running statistics among them. */
function named(result: object, problem: Problem, { runningMean, runningVar }: Tensors): Tensors {
  const running = problem.operation.kind === "norm" && runningMean && { runningMean, runningVar };
  const { count: _, ...tensors } = ("buffer" in result ? { y: result } : result) as Record<
    string,
    Tensor
  > & { count?: number };
  return { ...running, ...tensors };
}

/** A case with the context that its profile has. */
export class Check {
  constructor(
    readonly ctx: Context,
    readonly one: Case,
  ) {}

  #forced<T>(work: () => T): T {
    return this.ctx.forced(this.one.overrides, work);
  }

  /** What is wrong with the values of this number, or null. */
  async run(number: number): Promise<string | null> {
    const random = new Random(number);
    const [prepared, batch, poisoned] = [0, 1, 2].map(() => random.chance(0.2));
    try {
      const laid = problemOf(this.one, number);
      let found = await this.#plain(laid);
      if (prepared) found ??= await this.#prepared(laid);
      if (batch) found ??= await this.#batch(laid, number);
      if (poisoned) found ??= await this.#poisoned(laid, random);
      return found;
    } catch (error) {
      return `${error}`;
    }
  }

  async #plain(laid: Laid): Promise<string | null> {
    const arrays = upload(this.ctx, laid, this.one);
    const results = this.#forced(() => call(laid.problem, arrays.tensors, arrays.out?.tensor));
    const found =
      (await compare(results, expected(laid.problem))) ??
      (await trespasses(this.ctx, laid, arrays));
    for (const tensor of Object.values(results)) tensor.destroy();
    arrays.destroy();
    return found;
  }

  async #bits(laid: Laid): Promise<string[]> {
    const arrays = upload(this.ctx, laid, this.one);
    const results = this.#forced(() => call(laid.problem, arrays.tensors, arrays.out?.tensor));
    const bits = await bitsOf(results);
    for (const tensor of Object.values(results)) tensor.destroy();
    arrays.destroy();
    return bits;
  }

  async #prepared(unaligned: Laid): Promise<string | null> {
    if (!isSingle(this.one)) return null;
    const laid = aligned(unaligned);
    const wanted = await this.#bits(laid);
    const arrays = upload(this.ctx, laid, this.one);
    const { result, prepared } = this.#forced(() => recorded(this.ctx, laid.problem, arrays));
    const given = await bitsOf(named(result, laid.problem, arrays.tensors));
    const found =
      sameBits("a recording", given, wanted) ?? (await trespasses(this.ctx, laid, arrays));
    prepared.destroy();
    arrays.destroy();
    return found;
  }

  /** Calls with values of three numbers, in one submit, some of whose tensors are destroyed at once. */
  async #batch(laid: Laid, number: number): Promise<string | null> {
    const all = [laid, problemOf(this.one, number + 1), problemOf(this.one, number + 2)];
    const wanted = await Promise.all(all.map((each) => this.#bits(each)));
    const arrays = all.map((each) => upload(this.ctx, each, this.one));
    const results = this.ctx.batch(() =>
      this.#forced(() =>
        all.map(({ problem }, k) => {
          const { tensors, out } = arrays[k];
          const results = call(problem, tensors, out?.tensor);
          if (k === 0) passingBy(tensors.x);
          return results;
        }),
      ),
    );
    let found: string | null = null;
    for (const [k, each] of results.entries()) {
      found ??= sameBits(`call ${k + 1} of a batch`, await bitsOf(each), wanted[k]);
      found ??= await trespasses(this.ctx, all[k], arrays[k]);
      for (const tensor of Object.values(each)) tensor.destroy();
      arrays[k].destroy();
    }
    return found;
  }

  /** An element of x that is no number makes its group none, and changes no bit of the others. */
  async #poisoned(laid: Laid, random: Random): Promise<string | null> {
    const { problem } = laid;
    const { x } = problem.inputs;
    const whole = problem.operation.kind === "norm" ? "y" : "dx";
    if (problem.operation.kind === "reduction" || x.data.length === 0 || laid.spots.x) return null;
    const clean = await this.#values(laid, whole);
    const at = random.below(x.data.length);
    const data = x.data.slice();
    data[at] = random.pick([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
    const poison = { ...problem, inputs: { ...problem.inputs, x: { ...x, data } } };
    const wanted = referenceOf(poison)[whole];
    const given = await this.#values({ ...laid, problem: poison }, whole);
    if (!clean || !given || !wanted) return null; // not among the gradients that were asked for
    const own = groupOf(problem, at);
    const lost = own.every((i) => Number.isNaN(wanted.data[i]));
    const members = new Set(own);
    const [before, after] = [clean, given].map(({ buffer }) => new Uint32Array(buffer));
    for (let i = 0; i < given.length; i++) {
      const how = `${whole}[${i}] beside ${data[at]} in x[${at}]`;
      if (!members.has(i) && before[i] !== after[i]) return `${how} became ${given[i]}`;
      if (members.has(i) && lost && !Number.isNaN(given[i]))
        return `${how} is ${given[i]}, expected NaN`;
    }
    return null;
  }

  async #values(laid: Laid, name: string): Promise<Float32Array | undefined> {
    const arrays = upload(this.ctx, laid, this.one);
    const results = this.#forced(() => call(laid.problem, arrays.tensors, arrays.out?.tensor));
    const values = await results[name]?.read();
    for (const tensor of Object.values(results)) tensor.destroy();
    arrays.destroy();
    return values;
  }
}

/** The elements that share statistics with this one. */
function groupOf({ operation, options, inputs }: Problem, at: number): number[] {
  const { shape, axes } = operation.grouping(inputs.x.shape, options);
  const groups = new Uint32Array(inputs.x.data.length);
  visit(shape, groupStrides(shape, axes), (i, g) => {
    groups[i] = g;
  });
  return [...groups.keys()].filter((i) => groups[i] === groups[at]);
}
