// A convolution with a folded BatchNorm gives what the two give one after the other.

import { expect } from "vitest";
import { type Context, foldBatchNorm, type Tensor } from "../../src/index";
import { caught, expectMessage } from "../support/error_cases";
import { test } from "../support/fixture";
import { watchBuffers } from "../support/gpu_objects";
import { Random } from "../support/random";
import { UNIT } from "../support/units";

const [IN, OUT, KERNEL, LENGTH] = [3, 4, 3, 9];
const EPS = 1e-3;

type Numbers = ArrayLike<number>;

interface Layer {
  readonly weight: Numbers; // [OUT, IN, KERNEL]
  readonly bias: Numbers;
}

/** A convolution of one example along one axis, in float64. */
function convolution(x: Numbers, { weight, bias }: Layer): number[] {
  const places = LENGTH - KERNEL + 1;
  return Array.from({ length: OUT * places }, (_, i) => {
    const [out, at] = [Math.floor(i / places), i % places];
    let sum = bias[out];
    for (let c = 0; c < IN; c++) {
      for (let k = 0; k < KERNEL; k++) {
        sum += x[c * LENGTH + at + k] * weight[(out * IN + c) * KERNEL + k];
      }
    }
    return sum;
  });
}

const random = new Random(1);
const normals = (size: number) => random.normals(size);
const x = normals(IN * LENGTH);
const conv = { weight: normals(OUT * IN * KERNEL), bias: normals(OUT) };
const norm = {
  mean: normals(OUT),
  variance: Float32Array.from({ length: OUT }, () => random.between(0.1, 4)),
  gamma: normals(OUT),
  beta: normals(OUT),
};

const upload = (ctx: Context, data: Numbers, shape = [data.length]) =>
  ctx.tensor(Float32Array.from(data), shape);

const given = (ctx: Context) => ({
  weight: upload(ctx, conv.weight, [OUT, IN, KERNEL]),
  bias: upload(ctx, conv.bias),
  ...(Object.fromEntries(
    Object.entries(norm).map(([name, data]) => [name, upload(ctx, data)]),
  ) as Record<keyof typeof norm, Tensor>),
  eps: EPS,
});

/** The formula in float64. */
function expected(
  { gamma = new Array(OUT).fill(1), beta = new Array(OUT).fill(0) } = {},
  bias: Numbers = conv.bias,
): Layer {
  const factor = Array.from(norm.variance, (v, i) => gamma[i] / Math.sqrt(v + EPS));
  const each = IN * KERNEL;
  return {
    weight: Array.from(conv.weight, (w, i) => w * factor[Math.floor(i / each)]),
    bias: Array.from(bias, (b, i) => (b - norm.mean[i]) * factor[i] + beta[i]),
  };
}

/** Eight units of the largest value are for a rsqrt, a product and a sum. */
function expectNear(found: Numbers, wanted: Numbers, units = 8): void {
  expect(found.length).toBe(wanted.length);
  const most = Math.max(...Array.from(wanted, Math.abs));
  for (let i = 0; i < wanted.length; i++) {
    expect(Math.abs(found[i] - wanted[i])).toBeLessThan(units * UNIT * most);
  }
}

async function expectLayer(made: { weight: Tensor; bias: Tensor }, wanted: Layer): Promise<void> {
  expectNear(await made.weight.read(), wanted.weight);
  expectNear(await made.bias.read(), wanted.bias);
}

const BOTH = { gamma: [...norm.gamma], beta: [...norm.beta] };

test("one layer gives what two gave", async ({ ctx }) => {
  const made = foldBatchNorm(given(ctx));
  await expectLayer(made, expected(BOTH));
  const folded = { weight: await made.weight.read(), bias: await made.bias.read() };
  const between = convolution(x, conv);
  const places = between.length / OUT;
  const two = between.map((value, i) => {
    const c = Math.floor(i / places);
    const deviation = Math.sqrt(norm.variance[c] + EPS);
    return ((value - norm.mean[c]) / deviation) * norm.gamma[c] + norm.beta[c];
  });
  expectNear(convolution(x, folded), two, 32); // sums of nine products
});

test("parameters that are missing are 1 and 0", async ({ ctx }) => {
  const { bias: _, gamma: __, beta: ___, ...rest } = given(ctx);
  const zeros = new Array(OUT).fill(0);
  await expectLayer(foldBatchNorm(rest), expected({}, zeros));
  const { gamma, beta } = given(ctx);
  await expectLayer(foldBatchNorm({ ...rest, beta }), expected({ beta: BOTH.beta }, zeros));
  await expectLayer(foldBatchNorm({ ...rest, gamma }), expected({ gamma: BOTH.gamma }, zeros));
});

test("output channels on another axis, and a linear layer", async ({ ctx }) => {
  const { weight, bias } = expected(BOTH);
  const last = (data: Numbers) =>
    Array.from({ length: data.length }, (_, i) => {
      const [rest, c] = [Math.floor(i / OUT), i % OUT];
      return data[c * IN * KERNEL + rest];
    });
  const transposed = upload(ctx, last(conv.weight), [IN, KERNEL, OUT]);
  for (const channelAxis of [2, -1]) {
    const made = foldBatchNorm({ ...given(ctx), weight: transposed, channelAxis });
    await expectLayer(made, { weight: last(weight), bias });
  }
  const linear = upload(ctx, conv.weight, [OUT, IN * KERNEL]);
  await expectLayer(foldBatchNorm({ ...given(ctx), weight: linear }), { weight, bias });
});

test("results have the types of weight and bias", async ({ ctx }) => {
  const half = (data: Numbers, shape = [data.length]) =>
    ctx.tensor([...Array.from(data)], shape, { dtype: "f16" });
  const weight = half(conv.weight, [OUT, IN, KERNEL]);
  const { bias, ...rest } = given(ctx);
  const made = foldBatchNorm({ ...rest, weight, bias });
  expect([made.weight.dtype, made.bias.dtype]).toEqual(["f16", "f32"]);
  expect(foldBatchNorm({ ...rest, weight }).bias.dtype).toBe("f16");
  const wanted = expected(BOTH);
  expectNear(await made.weight.read(), wanted.weight, 2 ** 14); // f16 has 13 bits less
});

test("nothing stays but the results, and nothing of a wrong call", async ({
  freshDevice,
  freshContext,
}) => {
  const device = await freshDevice();
  const { live } = watchBuffers(device);
  const ctx = await freshContext({ device, poolBytes: 0 });
  const right = given(ctx);
  const run = async () => {
    const { weight, bias } = foldBatchNorm(right);
    weight.destroy();
    bias.destroy();
    await ctx.sync();
    return live.size;
  };
  const once = await run();
  expect(await run()).toBe(once);
  const seven = upload(ctx, new Float32Array(7));
  const gone = upload(ctx, new Float32Array(OUT));
  gone.destroy();
  const before = live.size;
  const CASES: [object, string][] = [
    [{ weight: undefined }, "foldBatchNorm: weight is undefined, expected a tensor"],
    [{ weight: [1] }, "foldBatchNorm: weight is [1], expected a tensor"],
    [{ mean: undefined }, "foldBatchNorm: mean is missing, expected a tensor of shape [4]"],
    [{ variance: undefined }, "foldBatchNorm: variance is missing, expected a tensor of shape [4]"],
    [{ eps: -1 }, "foldBatchNorm: eps -1, expected a finite number"],
    [{ channelAxis: 3 }, "foldBatchNorm: channelAxis 3, expected an integer in -3 .. 2"],
    [{ channelAxis: 1 }, "foldBatchNorm: bias has shape [4], expected [3]"],
    [{ scale: 3 }, "foldBatchNorm: unknown option scale"],
    ...["bias", "mean", "variance", "gamma", "beta"].flatMap((name): [object, string][] => [
      [{ [name]: seven }, `foldBatchNorm: ${name} has shape [7], expected [4]`],
      [{ [name]: gone }, `foldBatchNorm: ${name} is destroyed, expected a live tensor`],
      [{ [name]: "x" }, `foldBatchNorm: ${name} is "x", expected a tensor`],
    ]),
  ];
  for (const [change, message] of CASES) {
    expectMessage(
      caught(() => foldBatchNorm({ ...right, ...change })),
      [message],
    );
    expect(live.size).toBe(before);
  }
  expectMessage(
    caught(() => foldBatchNorm(undefined as never)),
    ["foldBatchNorm: options is undefined"],
  );
  seven.destroy();
  expect(await run()).toBe(once);
});
