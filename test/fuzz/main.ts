// The fuzzer's program runs structures one after the other, in Node, Deno or a page. A structure is
// a case with values of several numbers, since compilers take nearly all of the time. It tells each
// step to the process that started it (test/runners/fuzz.mjs), which therefore knows what a crash was
// at.

import { type Context, createContext } from "../../src/index";
import { type Case, describe, randomCase } from "./case";
import { Check } from "./check";
import { shrink } from "./shrink";

/** What is to be done, as the starter has it. */
export interface Work {
  readonly first: number; // structure, which is its seed
  readonly structures: number;
  readonly numbers: number; // values of each
  readonly only: number | null; // of the numbers
  readonly milliseconds: number;
}

export type Step =
  | { readonly step: "device"; readonly name: string }
  | { readonly step: "begin"; readonly seed: number; readonly text: string }
  | { readonly step: "end"; readonly seed: number; readonly problems: number }
  | {
      readonly step: "failure";
      readonly seed: number;
      readonly number: number;
      readonly failure: string;
      readonly text: string;
      readonly smallest: string;
      readonly smallestFailure: string;
    }
  | { readonly step: "done" };

const TRIES = 150; // smaller cases, each of which may have to be compiled
const AT_ONCE = 4; // numbers, so that the GPU is kept busy

class Fuzzer {
  readonly #contexts = new Map<string, Context>();

  constructor(
    readonly device: GPUDevice,
    readonly adapter: GPUAdapter,
    readonly tell: (step: Step) => unknown,
  ) {}

  async #contextFor({ profile }: Case): Promise<Context> {
    const key = JSON.stringify(profile);
    const known = this.#contexts.get(key);
    const { device, adapter } = this;
    const ctx = known ?? (await createContext({ device, adapter, profile }));
    this.#contexts.set(key, ctx);
    return ctx;
  }

  destroy(): void {
    for (const ctx of this.#contexts.values()) ctx.destroy();
    this.device.destroy();
  }

  /** How the values with these numbers fail, of each that does. */
  async #failures(one: Case, numbers: readonly number[]) {
    const { device } = this;
    for (const filter of ["validation", "internal", "out-of-memory"] as const) {
      device.pushErrorScope(filter);
    }
    const found: { number: number; failure: string }[] = [];
    const check = new Check(await this.#contextFor(one), one);
    for (let k = 0; k < numbers.length; k += AT_ONCE) {
      const some = numbers.slice(k, k + AT_ONCE);
      const failures = await Promise.all(some.map((number) => check.run(number)));
      failures.forEach((failure, i) => {
        if (failure) found.push({ number: some[i], failure });
      });
    }
    const errors = await Promise.all([1, 2, 3].map(() => device.popErrorScope()));
    const error = errors.find(Boolean);
    if (error && found.length === 0) {
      found.push({ number: numbers[0], failure: `the GPU refused the work: ${error.message}` });
    }
    return found;
  }

  async structure(seed: number, numbers: readonly number[]): Promise<void> {
    const one = randomCase(seed);
    this.tell({ step: "begin", seed, text: describe(one) });
    const [first] = await this.#failures(one, numbers);
    if (first) {
      const { number, failure } = first;
      const fails = async (less: Case) => {
        const [found] = await this.#failures(less, [number]);
        return found?.failure ?? null;
      };
      const { one: smallest, failure: smallestFailure } = await shrink(one, failure, fails, TRIES);
      const texts = { text: describe(one), smallest: describe(smallest) };
      this.tell({ step: "failure", seed, number, failure, smallestFailure, ...texts });
    }
    this.tell({ step: "end", seed, problems: numbers.length });
  }
}

export async function fuzz(work: Work, tell: (step: Step) => unknown): Promise<void> {
  const adapter = await navigator.gpu?.requestAdapter();
  if (!adapter) throw new Error("no WebGPU adapter");
  const wanted = ["shader-f16", "subgroups"] as GPUFeatureName[];
  const requiredFeatures = wanted.filter((name) => adapter.features.has(name));
  const device = await adapter.requestDevice({ requiredFeatures });
  const { description, device: model, vendor, architecture } = adapter.info;
  tell({ step: "device", name: description || model || `${vendor} ${architecture}`.trim() });
  const fuzzer = new Fuzzer(device, adapter, tell);
  const numbers =
    work.only === null ? Array.from({ length: work.numbers }, (_, k) => k) : [work.only];
  const end = performance.now() + work.milliseconds;
  for (let k = 0; k < work.structures && performance.now() < end; k++) {
    await fuzzer.structure(work.first + k, numbers);
  }
  fuzzer.destroy();
  tell({ step: "done" });
}
