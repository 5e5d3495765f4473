// These tests cover the common behaviour of modules: training, their tensors, ownership, misuse of
// forward and backward.

import { expect } from "vitest";
import type { Context, Tensor } from "../../src/index";
import * as nn from "../../src/nn/index";
import {
  caught,
  destroyed,
  type ErrorCase,
  expectMessage,
  testErrors,
} from "../support/error_cases";
import { test } from "../support/fixture";
import { watchBuffers } from "../support/gpu_objects";
import { expectState, TRAINED_UNITS } from "../support/modules";
import { UNIT } from "../support/units";
import { tensorOf, trainingVector } from "../support/vectors_nn";

const DESCENT = `
@group(0) @binding(0) var<storage, read_write> data: array<f32>;
@group(0) @binding(1) var<storage, read> gradient: array<f32>;
override rate: f32;
@compute @workgroup_size(1) fn main(@builtin(workgroup_id) id: vec3u) {
  data[id.x] -= rate * gradient[id.x];
}`;

/** Gradient descent on the caller's side: a kernel over the buffers of parameters and gradients. */
function descent(device: GPUDevice, rate: number) {
  const compute = {
    module: device.createShaderModule({ code: DESCENT }),
    constants: { rate },
  };
  const pipeline = device.createComputePipeline({ layout: "auto", compute });
  return ({ data, grad }: nn.Parameter) => {
    const buffers = [data.buffer, grad?.buffer as GPUBuffer];
    const layout = pipeline.getBindGroupLayout(0);
    const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, device.createBindGroup({ layout, entries }));
    pass.dispatchWorkgroups(data.size);
    pass.end();
    device.queue.submit([encoder.finish()]);
  };
}

test("two modules are trained as in PyTorch", async ({ ctx, device }) => {
  const { initial, trained, rate, losses, x, target } = trainingVector;
  using first = new nn.BatchNorm(ctx, 3);
  using second = new nn.LayerNorm(ctx, [3, 4]);
  const model = [first, second];
  for (const [i, module] of model.entries()) {
    module.loadStateDict(initial as never, { prefix: `${i}.`, strict: true });
  }
  const descend = descent(device, rate);
  const input = tensorOf(ctx, x);
  for (const loss of losses) {
    for (const module of model) module.zeroGrad();
    const hidden = first.forward(input);
    const errors = (await second.forward(hidden).read()).map((v, i) => v - target.data[i]);
    const dy = ctx.tensor(errors, target.shape);
    first.backward(second.backward(dy));
    for (const module of model) module.parameters().forEach(descend);
    const found = errors.reduce((sum, v) => sum + v * v, 0) / 2;
    expect(Math.abs(found / loss - 1)).toBeLessThan(TRAINED_UNITS * UNIT);
  }
  for (const [i, module] of model.entries()) {
    const own = Object.entries(trained).filter(([name]) => name.startsWith(`${i}.`));
    const expected = Object.fromEntries(own.map(([name, v]) => [name.slice(2), v]));
    await expectState(module, expected, TRAINED_UNITS);
  }
});

test("the module's tensors stay the same ones, gradients until zeroGrad", ({ ctx }) => {
  using module = new nn.BatchNorm(ctx, 2);
  const { weight, runningMean } = module;
  const before = [weight?.data.buffer, runningMean?.buffer];
  const [x, dy] = [ctx.tensor([1, 2, 3, 5], [2, 2]), ctx.tensor([1, 2, 3, 4], [2, 2])];
  module.forward(x);
  module.backward(dy);
  const first = weight?.grad;
  module.forward(x);
  module.backward(dy);
  expect(weight?.grad).toBe(first);
  module.loadStateDict({ weight: [1, 2] }, { strict: false });
  expect([module.weight?.data.buffer, module.runningMean?.buffer]).toEqual(before);
  module.zeroGrad();
  expect([weight?.grad, first?.destroyed]).toEqual([null, true]);
});

/** Some steps of two modules in a row. */
function someSteps(ctx: Context, steps: number) {
  const x = ctx.tensor([1, 2, 3, 5, 8, 13, 21, 34], [2, 4]);
  const dy = ctx.tensor([1, -2, 3, -4, 5, -6, 7, -8], [2, 4]);
  const modules = [new nn.BatchNorm(ctx, 4), new nn.LayerNorm(ctx, 4)] as const;
  const step = () => {
    const hidden = modules[0].forward(x);
    const y = modules[1].forward(hidden);
    const between = modules[1].backward(dy);
    const dx = modules[0].backward(between);
    for (const tensor of [hidden, y, between, dx]) tensor.destroy();
  };
  for (let i = 0; i < steps; i++) step();
  return { modules, step, free: [x, dy, ...modules] };
}

test("in a batch everything is as without", async ({ ctx }) => {
  const [plain, batched] = [someSteps(ctx, 3), ctx.batch(() => someSteps(ctx, 3))];
  const read = async ({ modules }: typeof plain) => {
    const gradients = modules.flatMap((m) => m.parameters()).map(({ grad }) => grad?.read());
    return [await Promise.all(gradients), await Promise.all(modules.map((m) => m.stateDict()))];
  };
  expect(await read(batched)).toEqual(await read(plain));
});

test("nothing leaks: not in a step, not beyond destroy", async ({ freshDevice, freshContext }) => {
  const device = await freshDevice();
  const { live } = watchBuffers(device);
  const ctx = await freshContext({ device, poolBytes: 0 });
  const plans = () => {
    const { free } = someSteps(ctx, 2);
    for (const each of free) each.destroy();
  };
  plans(); // uniforms and scratch stay with the context
  const before = live.size;
  const { step, modules, free } = someSteps(ctx, 2);
  const within = live.size;
  expect(within - before).toBe(2 + 6 + 4); // x and dy; weights, biases, running statistics; gradients
  for (let i = 0; i < 3; i++) step();
  expect(live.size).toBe(within);
  modules[1].forward(free[0] as Tensor).destroy(); // and what it keeps, one buffer
  expect(live.size).toBe(within + 1);
  for (const each of free) each.destroy();
  expect(live.size).toBe(before);
});

function used(module: nn.NormModule, x: Tensor): nn.NormModule {
  module.forward(x);
  return module;
}

const ERRORS: ErrorCase[] = [
  [
    "something else as context",
    () => new nn.LayerNorm({} as never, [4]),
    ["LayerNorm: context is an object", "createContext"],
  ],
  [
    "an unknown dtype",
    ({ ctx }) => new nn.LayerNorm(ctx, 4, { dtype: "f64" as never }),
    ['LayerNorm: dtype "f64"', "bf16"],
  ],
  [
    "an array as x",
    ({ ctx }) => new nn.LayerNorm(ctx, 4).forward([1] as never),
    ["LayerNorm.forward: x is [1]", "tensor"],
  ],
  [
    "a destroyed x",
    ({ ctx, x }) => new nn.LayerNorm(ctx, 4).forward(destroyed(x.reshape([12, 4]))),
    ["layerNorm: x is destroyed"],
  ],
  [
    "backward before forward",
    ({ ctx, x }) => new nn.LayerNorm(ctx, 4).backward(x),
    ["LayerNorm.backward: no input is kept: there was no forward", "before each backward"],
  ],
  [
    "backward twice",
    ({ ctx, x }) => {
      const module = used(new nn.LayerNorm(ctx, 4), x);
      module.backward(x);
      module.backward(x);
    },
    ["LayerNorm.backward: no input is kept: backward has used it"],
  ],
  [
    "backward after a forward that keeps nothing",
    ({ ctx, x }) => {
      const module = used(new nn.BatchNorm(ctx, 6), x).eval();
      module.forward(x, { noGrad: true });
      module.backward(x);
    },
    ["BatchNorm.backward: no input is kept: the last forward had noGrad"],
  ],
  [
    "backward with other weights than forward had",
    ({ ctx, x }) => {
      const module = used(new nn.RMSNorm(ctx, 4), x);
      module.loadStateDict({ weight: [1, 2, 3, 4] });
      module.backward(x);
    },
    ["RMSNorm.backward: no input is kept: loadStateDict came after the last forward"],
  ],
  [
    "a gradient of another shape",
    ({ ctx, x, of }) => used(new nn.LayerNorm(ctx, 4), x).backward(of(2, 4)),
    ["LayerNorm.backward: dy has shape [2, 4]", "expected [2, 6, 4]"],
  ],
  [
    "an array as gradient",
    ({ ctx, x }) => used(new nn.LayerNorm(ctx, 4), x).backward([1] as never),
    ["LayerNorm.backward: dy is [1]", "tensor"],
  ],
  [
    "backward without the forward's x",
    ({ ctx, of }) => {
      const x = of(2, 4);
      const module = used(new nn.LayerNorm(ctx, 4), x);
      x.destroy();
      module.backward(of(2, 4));
    },
    ["LayerNorm.backward: the forward's x is destroyed", "live until backward"],
  ],
  ...(["forward", "backward", "loadStateDict"] as const).map((name): ErrorCase => {
    const call: ErrorCase[1] = ({ ctx, x }) => {
      const module = new nn.LayerNorm(ctx, 4);
      module.destroy();
      module.destroy();
      module[name](x as never);
    };
    return ["after destroy", call, [`LayerNorm.${name}: the module is destroyed`, "live"]];
  }),
];

testErrors(ERRORS);

test("another device", async ({ ctx, freshContext }) => {
  const other = await freshContext();
  const x = other.tensor([1, 2], [1, 2]);
  using module = new nn.LayerNorm(ctx, 2);
  const message = "on another device than the module";
  expectMessage(
    caught(() => module.forward(x)),
    ["LayerNorm.forward: x is", message],
  );
  expectMessage(
    caught(() => module.loadStateDict({ weight: x.reshape([2]), bias: [1, 2] })),
    ["LayerNorm.loadStateDict: weight is", message],
  );
});
