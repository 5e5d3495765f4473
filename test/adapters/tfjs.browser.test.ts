// The adapter for TensorFlow.js: tensors both ways, gradients, and an existing model of tfjs-layers
// that computes with this library.

import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-webgpu";
import "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import * as tfl from "@tensorflow/tfjs-layers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createContext, layerNorm, layerNormBackward, type Tensor } from "../../src/index";
import { connect, type TfConnection } from "../../src/tfjs/index";
import { Random } from "../support/random";
import { far, rows } from "./float64";
import { countBuffers } from "./live_buffers";
import documented from "./recipe.js?of=TensorFlow.js&given=x&recipe";
import inReadme from "./recipe.js?page=README.md&of=Beside other libraries&kind=js tfjs&recipe";

/** Our own results are right to 2e-6 of values that are at most some units large (docs/numerics.md). */
const OWN = 2e-6;
/** Theirs rounds x before, or y after ours: a few units of f32's rounding. */
const THEIR_ROUNDING = 1e-6;
/** Convolutions and products of TensorFlow.js in f32 follow or precede ours: some hundred roundings. */
const THEIRS = 2e-5;
/** Gradients of its own formula in f32 pass through squares and sums of 40 values of size 10. */
const THEIR_GRADIENTS = 2e-4;

const random = new Random(16);
let link: TfConnection<tf.Tensor>;

beforeAll(async () => {
  await tf.setBackend("webgpu");
  await tf.ready();
  link = await connect(tf);
});

afterAll(() => link.destroy());

describe("tensors", () => {
  test("from and to, of any size", async () => {
    for (const shape of [[3], [2, 5], [7], []]) {
      const size = shape.reduce((a, b) => a * b, 1);
      const values = random.normals(size);
      const given = tf.tensor(values, shape).add(0); // on the GPU
      const mine = link.from(given);
      expect(mine.shape).toEqual(shape);
      expect([...(await mine.read())]).toEqual([...values]);
      const back = link.to(mine);
      expect(back.shape).toEqual(shape);
      expect([...((await back.data()) as Float32Array)]).toEqual([...values]);
      tf.dispose([given, back]);
    }
  });

  test("what is recorded there comes first, and work there sees ours", async () => {
    const values = random.normals(4 * 96, 1000);
    const x = tf.tensor(values, [4, 96]);
    const doubled = x.mul(2);
    const y = link.make([4, 96], (out) => {
      layerNorm(link.from(doubled), { normalizedShape: [96], out });
    });
    const z = y.add(1);
    const right = rows(
      values.map((v) => v * 2),
      96,
    ).map((v) => v + 1);
    expect(far((await z.data()) as Float32Array, right)).toBeLessThan(OWN + THEIR_ROUNDING);
    tf.dispose([x, doubled, y, z]);
  });

  test("a fill that throws leaves nothing behind", () => {
    const before = tf.memory();
    expect(() =>
      link.make([2], () => {
        throw new Error("no");
      }),
    ).toThrow("no");
    const after = tf.memory() as unknown as Record<string, number>;
    expect(after.numTensors).toBe(before.numTensors);
    expect(after.numBytesInGPU).toBe((before as unknown as Record<string, number>).numBytesInGPU);
  });

  test("errors", () => {
    expect(() => link.from(tf.tensor([1, 2], [2], "int32"))).toThrow(
      'from: dtype "int32", expected "float32"',
    );
    const gone = tf.tensor([1]);
    gone.dispose();
    expect(() => link.from(gone)).toThrow("from: the tensor is disposed, expected a live one");
    expect(() => link.to({} as never)).toThrow("to: tensor is an object, expected a tensor");
  });

  test("a tensor of ours on another device is an error", async () => {
    const other = await createContext();
    const before = tf.memory().numTensors;
    expect(() => link.to(other.tensor([1, 2], [2]))).toThrow(
      "to: the tensor is on another device, expected one on the device of this context",
    );
    expect(tf.memory().numTensors).toBe(before);
    other.destroy();
  });

  test("a tensor on the CPU is uploaded, also one of another backend", async () => {
    expect([...(await link.from(tf.tensor([1, 2, 3])).read())]).toEqual([1, 2, 3]);
    await tf.setBackend("cpu");
    const there = tf.tensor([4, 5, 6]).add(0);
    await tf.setBackend("webgpu");
    expect([...(await link.from(there).read())]).toEqual([4, 5, 6]);
    expect([...((await there.data()) as Float32Array)]).toEqual([4, 5, 6]);
    there.dispose();
  });
});

test("another backend, and what is no TensorFlow.js, are errors", async () => {
  const other = { ...tf, getBackend: () => "webgl" } as never;
  await expect(connect(other)).rejects.toThrow(
    /^connect: the backend is "webgl", expected "webgpu": await/,
  );
  await expect(connect({} as never)).rejects.toThrow(/^connect: tf an object, expected TensorFlow/);
});

test("gradients", async () => {
  const [n, length] = [6, 40];
  const normalize = link.differentiable({
    forward: ([x, weight, bias], out) => {
      layerNorm(x as Tensor, { normalizedShape: [length], weight, bias, out } as never);
    },
    backward: (dy, [x, weight, bias]) => {
      const options = { x, normalizedShape: [length], weight, bias } as never;
      const all = layerNormBackward(dy, options) as unknown as Record<string, Tensor>;
      return [all.dx, all.dWeight, all.dBias] as Tensor[];
    },
  });
  const given = [
    tf.tensor(random.normals(n * length, 3), [n, length]),
    tf.tensor(random.normals(length)),
    tf.tensor(random.normals(length)),
  ];
  const loss = (x: tf.Tensor, w: tf.Tensor, b: tf.Tensor) => tf.sum(tf.square(normalize(x, w, b)));
  const composed = (x: tf.Tensor, w: tf.Tensor, b: tf.Tensor) => {
    const { mean, variance } = tf.moments(x, -1, true);
    const u = x.sub(mean).mul(tf.rsqrt(variance.add(1e-5)));
    return tf.sum(tf.square(u.mul(w).add(b)));
  };
  const ours = tf.grads(loss as never)(given);
  const theirs = tf.grads(composed as never)(given);
  for (const [i, gradient] of ours.entries()) {
    expect(gradient.shape).toEqual(given[i]?.shape);
    const right = (await theirs[i]?.data()) as Float32Array;
    expect(far((await gradient.data()) as Float32Array, right)).toBeLessThan(THEIR_GRADIENTS);
  }
  tf.dispose([given, ours, theirs]);
});

/** Convolutions with BatchNormalization and LayerNormalization between them, that learn a sum. */
function network(): tfl.Sequential {
  const { conv2d, batchNormalization, layerNormalization, globalAveragePooling2d, dense } =
    tfl.layers;
  const model = tfl.sequential();
  model.add(conv2d({ filters: 8, kernelSize: 3, inputShape: [8, 8, 3] }));
  model.add(batchNormalization());
  model.add(conv2d({ filters: 8, kernelSize: 3, activation: "relu" }));
  model.add(layerNormalization());
  model.add(globalAveragePooling2d({}));
  model.add(dense({ units: 1 }));
  return model;
}

describe("an installation", () => {
  const values = (t: tf.Tensor | tf.Tensor[]) => (t as tf.Tensor).data() as Promise<Float32Array>;

  test("leaves a model's results as they are, in inference and in training", async () => {
    const [plain, faster] = [network(), network()];
    faster.setWeights(plain.getWeights());
    const x = tf.tensor(random.normals(4 * 8 * 8 * 3, 0.5), [4, 8, 8, 3]);
    const results = async (model: tfl.Sequential) => [
      await values(model.predict(x)),
      await values(model.apply(x, { training: true }) as tf.Tensor),
      await values(model.predict(x)), // with the moving averages of that
    ];
    const theirs = await results(plain);
    const uninstall = link.install({ layers: tfl.layers });
    const ours = await results(faster);
    uninstall();
    for (const [i, right] of theirs.entries()) {
      expect(far(ours[i] as Float32Array, right), `result ${i}`).toBeLessThan(THEIRS);
    }
  });

  test("computes with this library: far from 0 a layer is exact", async () => {
    const layer = tfl.layers.layerNormalization();
    const data = random.normals(8 * 256, 1000);
    const x = tf.tensor(data, [8, 256]);
    const theirs = await values(layer.apply(x) as tf.Tensor);
    const uninstall = link.install({ layers: tfl.layers });
    const ours = await values(layer.apply(x) as tf.Tensor);
    uninstall();
    const after = await values(layer.apply(x) as tf.Tensor);
    expect(far(after, theirs)).toBe(0);
    const right = rows(data, 256, 1e-3); // its eps
    expect(far(ours, right)).toBeLessThan(OWN);
    expect(far(theirs, right)).toBeGreaterThan(far(ours, right));
  });

  test("kernels: tf.mean, tf.moments and tf.batchNorm over any axes, and calls that it leaves", async () => {
    const x = tf.tensor(random.normals(4 * 5 * 6 * 7, 10), [4, 5, 6, 7]);
    const whole = tf.tensor([1, 2, 3, 4, 6], [5], "int32");
    const channels = [1, 2, 3, 4].map((seed) =>
      tf.tensor(new Random(seed).normals(7).map(Math.abs)),
    );
    const [mean, variance, offset, scale] = channels as [
      tf.Tensor1D,
      tf.Tensor1D,
      tf.Tensor1D,
      tf.Tensor1D,
    ];
    const calls = () => [
      tf.mean(x),
      tf.mean(x, [1, -1]),
      tf.mean(x, 2, true),
      tf.mean(x, []),
      tf.mean(whole),
      tf.mean(tf.scalar(3)),
      tf.moments(x, [0, 1, 2]).variance,
      tf.moments(x, [3], true).mean,
      tf.batchNorm(x as tf.Tensor4D, mean, variance, offset, scale, 1e-3),
      tf.batchNorm(x as tf.Tensor4D, mean, variance),
      tf.batchNorm(x as tf.Tensor4D, x as tf.Tensor4D, tf.square(x) as tf.Tensor4D),
    ];
    const theirs = calls();
    const uninstall = link.install();
    const ours = calls();
    uninstall();
    for (const [i, got] of ours.entries()) {
      const right = theirs[i] as tf.Tensor;
      expect(got.shape, `call ${i}`).toEqual(right.shape);
      expect(got.dtype, `call ${i}`).toEqual(right.dtype);
      expect(far(await values(got), await values(right)), `call ${i}`).toBeLessThan(THEIRS);
    }
  });

  test("fit learns with it", async () => {
    const uninstall = link.install({ layers: tfl.layers });
    const model = network();
    model.compile({ optimizer: tf.train.adam(0.02), loss: "meanSquaredError" });
    const data = random.normals(16 * 8 * 8 * 3);
    const x = tf.tensor(data, [16, 8, 8, 3]);
    const y = tf.tensor(
      Array.from({ length: 16 }, (_, i) => data[i * 192] as number),
      [16, 1],
    );
    const { history } = await model.fit(x, y, { epochs: 8, batchSize: 16 });
    const [first, last] = [history.loss?.[0], history.loss?.at(-1)] as number[];
    expect(last).toBeLessThan((first as number) / 1.2);
    uninstall();
  });

  test("nothing leaks", async () => {
    const x = tf.tensor(random.normals(4 * 8 * 8 * 3), [4, 8, 8, 3]);
    const model = network();
    const uninstall = link.install({ layers: tfl.layers });
    const used = () => {
      const memory = tf.memory() as unknown as Record<string, number>;
      return [memory.numTensors, memory.numBytesInGPU];
    };
    const turn = async () => {
      const y = tf.tidy(() => model.apply(x, { training: true }) as tf.Tensor);
      await y.data();
      y.dispose();
    };
    await turn();
    const before = used();
    for (let i = 0; i < 5; i++) await turn();
    expect(used()).toEqual(before);
    uninstall();
  });

  test("errors, and destroy restores", async () => {
    expect(() => link.install({ kernels: ["Sum"] })).toThrow(
      'install: kernels has "Sum", expected some of ["FusedBatchNorm", "Mean"]',
    );
    expect(() => link.install({ layers: {} as never })).toThrow(
      "install: layers an object, expected tf.layers",
    );
    const other = await connect(tf);
    const kernel = () => tf.getKernel("Mean", "webgpu")?.kernelFunc;
    const original = kernel();
    other.install();
    expect(kernel()).not.toBe(original);
    other.destroy();
    expect(kernel()).toBe(original);
    expect(() => other.install()).toThrow("install: the context is destroyed, expected a live one");
  });
});

test("another version: arrays are copied, and install is refused", async () => {
  const old = await connect({ ...tf, version_core: "4.10.0" } as never as typeof tf);
  expect(old.copies).toBe(true);
  expect(() => old.install()).toThrow('install: TensorFlow.js "4.10.0", expected 4.22');
  const x = tf.tensor([1, 2, 3]);
  const mine = old.from(x);
  expect([...(await mine.read())]).toEqual([1, 2, 3]);
  const back = old.to(mine);
  expect([...((await back.data()) as Float32Array)]).toEqual([1, 2, 3]);
  old.destroy();
  expect([...((await x.data()) as Float32Array)]).toEqual([1, 2, 3]);
  tf.dispose([x, back]);
});

test("nothing leaks: tensors both ways, gradients, and errors", async () => {
  const options = { normalizedShape: [96] };
  const normalize = link.differentiable({
    forward: ([x], out) => {
      layerNorm(x as Tensor, { ...options, out });
    },
    backward: (dy, [x]) => [layerNormBackward(dy, { ...options, x: x as Tensor }).dx],
  });
  const x = tf.tensor(random.normals(4 * 96), [4, 96]);
  const gone = tf.tensor([1]);
  gone.dispose();
  const turn = async () => {
    const dx = tf.grad((given) => tf.sum(tf.square(normalize(given))))(x);
    const y = layerNorm(link.from(x), options);
    const back = link.to(y);
    expect(() => link.from(gone)).toThrow("disposed");
    expect(() =>
      link.make([4, 96], (out) => layerNorm(link.from(gone), { ...options, out })),
    ).toThrow();
    await Promise.all([dx.data(), back.data()]);
    y.destroy();
    tf.dispose([dx, back]);
  };
  const used = () => {
    const { numTensors, numBytesInGPU } = tf.memory() as never as Record<string, number>;
    return [numTensors, numBytesInGPU];
  };
  const buffers = countBuffers();
  for (let i = 0; i < 3; i++) await turn(); // pools fill
  const [before, bytes] = [used(), buffers.live()];
  for (let i = 0; i < 10; i++) await turn();
  expect(used()).toEqual(before);
  expect(buffers.live()).toBe(bytes);
  buffers.stop();
  x.dispose();
});

describe("the code of the documentation", () => {
  test("docs/interop.md", async () => {
    const values = random.normals(4 * 96, 1000);
    const x = tf.tensor(values, [4, 96]);
    const found = await documented({ x });
    expect(far((await found.y.data()) as Float32Array, rows(values, 96))).toBeLessThan(OWN);
    const [weight, bias] = [tf.ones([96]), tf.zeros([96])];
    const y = found.normalize(x, weight, bias);
    expect(far((await y.data()) as Float32Array, rows(values, 96))).toBeLessThan(OWN);
    const [dx] = tf.grads((...given) => tf.sum(found.normalize(...given)))([x, weight, bias]);
    expect(far((await dx?.data()) as Float32Array, new Float32Array(4 * 96))).toBeLessThan(1e-5);
    found.uninstall();
    found.link.destroy();
  });

  test("README.md", async () => {
    const values = random.normals(4 * 96, 1000);
    const layer = tfl.layers.layerNormalization();
    const { link: own } = await inReadme({});
    const y = layer.apply(tf.tensor(values, [4, 96])) as tf.Tensor;
    expect(far((await y.data()) as Float32Array, rows(values, 96, 1e-3))).toBeLessThan(OWN);
    own.destroy();
  });
});

test("a backend that is built otherwise: arrays are copied by public functions", async () => {
  const backend = tf.backend() as unknown as { uploadToGPU: unknown };
  const { device } = link.context;
  const disguised = new Proxy(backend, {
    get: (target, name) => (name === "bufferManager" ? undefined : Reflect.get(target, name)),
  });
  const strange: typeof tf = { ...tf, backend: () => disguised } as never;
  const copying = await connect(strange);
  expect(copying.copies).toBe(true);
  expect(copying.context.device).toBe(device);
  const values = random.normals(7 * 3, 5);
  const x = tf.tensor(values, [7, 3]).add(0);
  const large = tf.tensor(random.normals(4096)).reshape([64, 64]).transpose(); // on the GPU
  expect(await copying.from(large).read()).toEqual(await large.data());
  const mine = copying.from(x);
  expect([...(await mine.read())]).toEqual([...values]);
  const y = copying.make([7, 3], (out) => layerNorm(mine, { normalizedShape: [3], out }));
  expect(far((await y.data()) as Float32Array, rows(values, 3))).toBeLessThan(OWN);
  expect(() => copying.install()).toThrow(
    'install: TensorFlow.js "4.22.0", expected 4.22 with its own backend',
  );
  mine.destroy();
  copying.destroy();
});
