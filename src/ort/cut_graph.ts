// A graph that was cut in two runs as two sessions, with a norm of this library between them.

import { fail, show } from "../base/errors";
import type { Tensor } from "../runtime/tensor";
import type { OrtTensor } from "./library";

/** Tensors by the names of a graph's inputs or outputs. */
export type Feeds<T extends OrtTensor> = Readonly<Record<string, T>>;

/** A session of onnxruntime-web. */
export interface OrtSession<T extends OrtTensor> {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: never): Promise<Feeds<T>>;
}

/** The names at which a graph was cut. */
export interface CutNames {
  /** The output of the first half that the function gets. */
  output?: string | undefined;
  /** The input of the second half that the function gives. */
  input?: string | undefined;
}

/** Both halves, as one graph. */
export interface CutGraph<T extends OrtTensor> {
  /**
   * Runs the first half, the function and the second half. What lies between them is disposed, also
   * where something rejects.
   */
  run(feeds: Feeds<T>): Promise<Feeds<T>>;
}

/** Two directions of tensors between the libraries. */
interface Converter<T extends OrtTensor> {
  from(tensor: OrtTensor): Tensor;
  to(tensor: Tensor): T;
}

const OP = "between";

/** Returns the one name, or the one that is chosen among several. */
function nameOf(
  subject: string,
  chosen: string | undefined,
  all: readonly string[],
  known: readonly string[],
): string {
  if (chosen !== undefined) {
    if (all.includes(chosen)) return chosen;
    fail(OP, `${subject} ${show(chosen)}, expected one of ${show(all)}`);
  }
  const open = all.filter((name) => !known.includes(name));
  const [only] = open.length === 1 ? open : all.length === 1 ? all : [];
  return only ?? fail(OP, `${subject} is not given, expected one of ${show(open)}`);
}

export function cutGraph<T extends OrtTensor>(
  converter: Converter<T>,
  first: OrtSession<T>,
  compute: (tensor: Tensor) => Tensor,
  second: OrtSession<T>,
  names: CutNames,
): CutGraph<T> {
  const output = nameOf("output", names.output, first.outputNames, second.inputNames);
  const fed = [...first.outputNames, ...first.inputNames];
  const input = nameOf("input", names.input, second.inputNames, fed);
  const taken = (all: Feeds<T>, wanted: readonly string[]) =>
    Object.fromEntries(Object.entries(all).filter(([name]) => wanted.includes(name)));
  return {
    run: async (feeds) => {
      const between = await first.run(taken(feeds, first.inputNames) as never);
      const own: { dispose(): void }[] = Object.values(between);
      try {
        const cut = between[output];
        if (cut === undefined) fail(OP, `the first session gave no ${show(output)}`);
        const made = converter.to(compute(converter.from(cut)));
        own.push(made);
        const known = taken({ ...feeds, ...between }, second.inputNames);
        return await second.run({ ...known, [input]: made } as never);
      } finally {
        for (const tensor of own) tensor.dispose();
      }
    },
  };
}
