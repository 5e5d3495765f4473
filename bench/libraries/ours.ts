// This adapter runs webgpu-norm itself. y goes to one tensor, all other results go to new ones. A
// sample is one batch.

import { version } from "../../package.json";
import * as lib from "../../src/index";
import type { Inputs } from "../inputs";
import { type Library, type Prepared, queueDone } from "../library";
import type { Workload } from "../workloads";
import { context } from "./context";

type Tensors = Readonly<Record<string, lib.Tensor>>;
type Operation = (x: lib.Tensor, options: object) => unknown;

const operations = lib as unknown as Readonly<Record<string, Operation>>;

export const ours: Library = {
  id: "ours",
  name: "webgpu-norm",
  version,
  ways: () => ["one call"],
  prepare: async (workload, inputs) => prepared(workload, inputs),
};

/** A masked workload without its mask, whose time is the mask's yardstick. */
export const plain: Library = {
  id: "plain",
  name: "webgpu-norm without the mask",
  version: "",
  ways: ({ masked }) => (masked ? ["one call"] : []),
  prepare: async ({ masked: _, ...workload }, inputs) => {
    const made = prepared(workload, inputs);
    const results = async () => {
      await made.results(); // others than those of the workload
      return null;
    };
    return { ...made, results };
  },
};

function prepared(workload: Workload, inputs: Inputs): Prepared {
  const { op, shape, dtype, options, results, masked } = workload;
  const ctx = context();
  const upload = ({ data, shape, dtype }: Inputs[string]) => ctx.tensor(data, shape, { dtype });
  const entries = Object.entries(inputs).map(([name, input]) => [name, upload(input)]);
  const { x, dy, lengths, mask, gate, ...given } = Object.fromEntries(entries) as Tensors;
  const out = results.includes("y") ? ctx.empty(x.shape, { dtype: x.dtype }) : null;

  const isBackward = op.endsWith("Backward");
  const valid = masked && {
    mask:
      masked.by === "lengths"
        ? lib.lengthsOf(lengths, { axis: shape.length - 1 })
        : lib.maskOf(mask),
  };
  const gates = gate && { gate: lib.gateOf(gate) };
  const all = { ...options, ...given, ...valid, ...gates, ...(out && { out }) };

  /** Prepared once, since only a timing on the GPU needs it. */
  let recorded: lib.PreparedOperation<unknown> | undefined;
  const recordedOperation = () => {
    const specs = { shape, inputType: dtype, ...all, ...(isBackward && { x }) };
    recorded ??= lib.prepare(ctx, operations[op] as never, specs as never);
    return recorded as lib.PreparedOperation<unknown>;
  };

  const once = (): Tensors =>
    named(isBackward ? operations[op](dy, { x, ...all }) : operations[op](x, all));
  const free = (made: Tensors) => {
    for (const tensor of tensorsOf(made)) if (tensor !== out) tensor.destroy();
  };
  return {
    run: (times) =>
      ctx.batch(() => {
        for (let i = 0; i < times; i++) free(once());
      }),
    record: (encoder, times) => {
      const prepared = recordedOperation();
      const pass = encoder.beginComputePass({ label: "bench" });
      for (let i = 0; i < times; i++) prepared.encode(pass, isBackward ? { dy } : { x });
      pass.end();
    },
    sync: () => queueDone(ctx.device),
    results: async () => {
      const made = once();
      const all: Tensors = { ...given, ...made }; // running statistics are updated in place
      const read = results.map(async (name) => [name, await all[name].read()] as const);
      const values = Object.fromEntries(await Promise.all(read));
      free(made);
      return values;
    },
    dispose: () => {
      recorded?.destroy();
      const every = [x, dy, lengths, mask, gate, out, ...Object.values(given)];
      for (const tensor of every) tensor?.destroy();
    },
  };
}

/** One tensor is y; moments are tensors beside a count. */
function named(result: unknown): Tensors {
  return result instanceof Object && "buffer" in result
    ? { y: result as lib.Tensor }
    : (result as Tensors);
}

const tensorsOf = (made: Tensors) =>
  Object.values(made).filter((one) => one instanceof Object && "buffer" in one);
