// This program measures the time of norms and of a copy against the size of x, from 1 MB to 1 GB, in turns.
// bench/scale.mjs runs it and draws the figure.

import { parseArgs } from "node:util";
import { copyRecorder } from "../../demo/cost/timing";
import { batchNorm, type Context, layerNorm, softmax, type Tensor } from "../../src/index";
import { type Prepared, queueDone } from "../library";
import { paceOf, timeInTurns, wallClock } from "../timing";
import { type Machine, machineOf, openContext, print } from "./device";

const MB = 1e6;
const SIZES = [1, 4, 16, 64, 256, 1024];
const FEATURES = 1024;

export interface Row {
  /** Of x, in MB. */
  readonly megabytes: number;
  readonly operation: string;
  /** The median of one run. */
  readonly ms: number;
  readonly samples: readonly number[];
}

export interface Sizes extends Machine {
  readonly rows: readonly Row[];
}

type Run = (x: Tensor, out: Tensor) => unknown;

const NORMS: Readonly<Record<string, Run>> = {
  LayerNorm: (x, out) => layerNorm(x, { normalizedShape: [FEATURES], out }),
  softmax: (x, out) => softmax(x, { out }),
  "BatchNorm training": (x, out) => batchNorm(x, { training: true, out }),
};

/** Fills a tensor without an array of its size. */
function fill(ctx: Context, x: Tensor): void {
  const tile = Float32Array.from({ length: 2 ** 20 }, (_, i) => ((i * 7919) % 1009) / 1009);
  for (let first = 0; first < x.size; first += tile.length) {
    const part = tile.subarray(0, Math.min(tile.length, x.size - first));
    ctx.device.queue.writeBuffer(x.buffer, 4 * first, part);
  }
}

function candidate(ctx: Context, run: (times: number) => void): Prepared {
  return {
    run,
    sync: () => queueDone(ctx.device),
    results: async () => null,
    dispose: () => {},
  };
}

/** BatchNorm has the columns of a matrix as its channels; a copy has nothing to bind beyond a limit. */
function candidates(ctx: Context, x: Tensor, y: Tensor): [name: string, prepared: Prepared][] {
  const norms = Object.entries(NORMS).map(([name, norm]): [string, Prepared] => {
    const repeated = (times: number) =>
      ctx.batch(() => {
        for (let i = 0; i < times; i++) norm(x, y);
      });
    return [name, candidate(ctx, repeated)];
  });
  if (4 * x.size > ctx.device.limits.maxStorageBufferBindingSize) return norms;
  const record = copyRecorder(ctx.device, x, y);
  const copy = candidate(ctx, (times) => {
    const encoder = ctx.device.createCommandEncoder();
    record(encoder, times);
    ctx.device.queue.submit([encoder.finish()]);
  });
  return [["copy", copy], ...norms];
}

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

async function measured(ctx: Context, megabytes: number, rounds: number): Promise<Row[]> {
  const rows = Math.round((megabytes * MB) / 4 / FEATURES);
  const [x, y] = [ctx.empty([rows, FEATURES]), ctx.empty([rows, FEATURES])];
  fill(ctx, x);
  const all = candidates(ctx, x, y);
  const prepared = all.map(([, one]) => one);
  const timed = await timeInTurns(prepared, paceOf(rounds), wallClock);
  await ctx.sync();
  x.destroy();
  y.destroy();
  return timed.map(({ samples }, i) => {
    return { megabytes, operation: all[i][0], ms: median(samples), samples };
  });
}

async function main(): Promise<Sizes> {
  const options = {
    most: { type: "string", default: "1024" },
    rounds: { type: "string" },
  } as const;
  const { values } = parseArgs({ options });
  const ctx = await openContext();
  const rows: Row[] = [];
  for (const megabytes of SIZES.filter((one) => one <= Number(values.most))) {
    rows.push(...(await measured(ctx, megabytes, Number(values.rounds ?? 9))));
    console.error(`${megabytes} MB`);
  }
  return { ...machineOf(ctx), rows };
}

print(main());
