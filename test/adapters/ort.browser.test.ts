// The adapter for onnxruntime-web: a graph that is cut around a norm, tensors both ways, and errors.

import * as ort from "onnxruntime-web/webgpu";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { batchNorm, createContext, layerNorm, moments } from "../../src/index";
import { connect, type OrtConnection } from "../../src/ort/index";
import { Random } from "../support/random";
import { channels, far, rows } from "./float64";
import { countBuffers } from "./live_buffers";
import { onnx } from "./models";
import documented from "./recipe.js?of=ONNX Runtime Web&given=model,x,first,second&recipe";
import inReadme from "./recipe.js?page=README.md&of=Beside other libraries&kind=js ort&given=session,feeds&recipe";

ort.env.logLevel = "error";
ort.env.wasm.numThreads = 1;

const [N, C, D, SIDE] = [2, 3, 4, 5];
const X = [N, C, SIDE, SIDE];
const H = [N, D, SIDE, SIDE];
const PIXELS = SIDE * SIDE;

const random = new Random(15);
const x = random.normals(N * C * PIXELS, 1, 2);
const into = random.normals(D * C);
const out = random.normals(C * D);

/** A convolution of single pixels, in float64. */
function mixed(x: Float64Array, weight: Float32Array, from: number, to: number): Float64Array {
  const y = new Float64Array(N * to * PIXELS);
  for (let n = 0; n < N; n++) {
    for (let t = 0; t < to; t++) {
      for (let p = 0; p < PIXELS; p++) {
        for (let f = 0; f < from; f++) {
          y[(n * to + t) * PIXELS + p] +=
            (weight[t * from + f] as number) * (x[(n * from + f) * PIXELS + p] as number);
        }
      }
    }
  }
  return y;
}

const GPU = {
  executionProviders: ["webgpu"],
  preferredOutputLocation: "gpu-buffer",
} as const;

const first = onnx({
  nodes: [{ opType: "Conv", input: ["x", "w"], output: ["h"] }],
  input: { x: X },
  output: { h: H },
  constants: { w: { shape: [D, C, 1, 1], data: into } },
});
const second = onnx({
  nodes: [
    { opType: "Relu", input: ["n"], output: ["r"] },
    { opType: "Conv", input: ["r", "w"], output: ["t"] },
    { opType: "Add", input: ["t", "x"], output: ["y"] },
  ],
  input: { n: H, x: X },
  output: { y: X },
  constants: { w: { shape: [C, D, 1, 1], data: out } },
});

/** Two convolutions of onnxruntime in f32, of sums of 3 and 4 products of size 10, surround ours. */
const CUT = 1e-5;

let a: ort.InferenceSession;
let b: ort.InferenceSession;
let link: OrtConnection<ort.Tensor>;

beforeAll(async () => {
  await expect(connect(ort)).rejects.toThrow(
    /^connect: ort.env.webgpu.device is undefined, expected a GPUDevice: a session/,
  );
  a = await ort.InferenceSession.create(first, GPU);
  b = await ort.InferenceSession.create(second, GPU);
  link = await connect(ort);
});

afterAll(() => link.destroy()); // the last test releases the sessions

const input = () => new ort.Tensor("float32", x.slice(), X);
const feeds = () => ({ x: input() });

describe("a graph that is cut", () => {
  const right = () => {
    const n = channels(mixed(Float64Array.from(x), into, C, D), H);
    const y = mixed(
      n.map((v) => Math.max(v, 0)),
      out,
      D,
      C,
    );
    return y.map((v, i) => v + (x[i] as number));
  };

  test("around a BatchNormalization in training mode, which onnxruntime-web lacks", async () => {
    const whole = link.between(a, (h) => batchNorm(h, { training: true }), b);
    for (let turn = 0; turn < 3; turn++) {
      const { y } = await whole.run(feeds());
      expect(far((await y.getData()) as Float32Array, right())).toBeLessThan(CUT);
      y.dispose();
    }
  });

  test("by names", async () => {
    const compute = (h: Parameters<typeof batchNorm>[0]) => batchNorm(h, { training: true });
    const whole = link.between(a, compute, b, { output: "h", input: "n" });
    const { y } = await whole.run(feeds());
    expect(far((await y.getData()) as Float32Array, right())).toBeLessThan(CUT);
    expect(() => link.between(a, compute, b, { output: "H" })).toThrow(
      'between: output "H", expected one of ["h"]',
    );
    expect(() => link.between(a, compute, b, { input: "m" })).toThrow(
      'between: input "m", expected one of ["n", "x"]',
    );
  });

  test("what lies between is disposed where the function throws", async () => {
    const kept: ort.Tensor[] = [];
    const watched = {
      inputNames: a.inputNames,
      outputNames: a.outputNames,
      run: async (given: never) => {
        const results = await a.run(given);
        kept.push(...(Object.values(results) as ort.Tensor[]));
        return results as Record<string, ort.Tensor>;
      },
    };
    const wrong = link.between(watched, (h) => layerNorm(h, { normalizedShape: [7] }), b);
    await expect(wrong.run(feeds())).rejects.toThrow(/^layerNorm: normalizedShape/);
    expect(kept.map(({ location }) => location)).toEqual(["none"]);
  });
});

describe("the code of the documentation", () => {
  test("docs/interop.md", async () => {
    const [again, half] = [await ort.InferenceSession.create(first, GPU), b];
    const found = await documented({ model: first, x: input(), first: again, second: half });
    const n = channels(mixed(Float64Array.from(x), into, C, D), H);
    expect(far((await found.y.getData()) as Float32Array, n)).toBeLessThan(CUT);
    const { y } = found.results;
    expect([...y.dims]).toEqual(X);
    y.dispose();
    found.link.destroy();
    await found.session.release();
    await again.release();
  });

  test("README.md", async () => {
    const shape = [2, 768];
    const values = random.normals(2 * 768, 1000);
    const bytes = onnx({
      nodes: [{ opType: "Identity", input: ["x"], output: ["hidden"] }],
      input: { x: shape },
      output: { hidden: shape },
    });
    const session = await ort.InferenceSession.create(bytes, GPU);
    const { y } = await inReadme({
      session,
      feeds: { x: new ort.Tensor("float32", values, shape) },
    });
    expect(far((await y.getData()) as Float32Array, rows(values, 768))).toBeLessThan(2e-6); // docs/numerics.md
    await session.release();
  });
});

test("a result goes back without a copy, and dispose frees it", async () => {
  const { h } = (await a.run(feeds())) as Record<string, ort.Tensor>;
  const y = layerNorm(link.from(h), { normalizedShape: [SIDE] });
  const back = link.to(y);
  expect([back.type, [...back.dims], back.location]).toEqual(["float32", H, "gpu-buffer"]);
  expect(back.gpuBuffer).toBe(y.buffer);
  expect(y.destroyed).toBe(false);
  const values = await y.read();
  expect(far((await back.getData()) as Float32Array, values)).toBe(0);
  back.dispose();
  expect(y.destroyed).toBe(true);
  h.dispose();
});

test("views, statistics of one buffer and other strides are copied", async () => {
  const { h } = (await a.run(feeds())) as Record<string, ort.Tensor>;
  const tensor = link.from(h);
  const all = moments(tensor, { axes: [0, 2, 3] });
  for (const one of [all.mean, all.variance, tensor, tensor.reshape([N * D, PIXELS])]) {
    const values = await one.read();
    const back = link.to(one);
    if (one !== all.mean) expect(back.gpuBuffer).not.toBe(one.buffer);
    expect(far((await back.getData()) as Float32Array, values)).toBe(0);
    back.dispose();
  }
  const strided = link.context.fromBuffer(tensor.buffer, { shape: [SIDE, 2], strides: [1, SIDE] });
  const values = await strided.read();
  expect(far((await link.to(strided).getData()) as Float32Array, values)).toBe(0);
  h.dispose();
});

test("f16 goes both ways", async () => {
  const half = link.context.tensor(random.normals(8), [2, 4], { dtype: "f16" });
  const bits = await half.readBits();
  const there = link.to(half);
  expect(there.type).toBe("float16");
  expect(await link.from(there).readBits()).toEqual(bits);
  const data = (await there.getData()) as Uint16Array;
  expect(new Uint16Array(data.buffer, data.byteOffset, 8)).toEqual(bits);
});

test("LayerNorm far from 0 is exact, on its buffers", async () => {
  const shape = [4, 512];
  const values = random.normals(4 * 512, 1e3, 0.35);
  const model = onnx({
    nodes: [
      { opType: "LayerNormalization", input: ["x", "w"], output: ["y"], attributes: { axis: -1 } },
    ],
    input: { x: shape },
    output: { y: shape },
    constants: { w: { shape: [512], data: new Float32Array(512).fill(1) } },
  });
  const session = await ort.InferenceSession.create(model, GPU);
  const { y } = await session.run({ x: new ort.Tensor("float32", values, shape) });
  const theirs = (await y.getData()) as Float32Array;
  const ours = await layerNorm(link.context.tensor(values, shape), {
    normalizedShape: [512],
  }).read();
  const right = rows(values, 512);
  expect(far(ours, right)).toBeLessThan(2e-6); // as docs/numerics.md promises
  expect(far(theirs, right)).toBeGreaterThan(1e-2); // as E[x^2] - mean^2 in f32 is
  await session.release();
});

describe("errors", () => {
  test("a tensor on the CPU, disposed, moved, or of another type", async () => {
    expect(() => link.from(input())).toThrow(
      /^from: the tensor is at "cpu", expected it at "gpu-buffer": preferredOutputLocation/,
    );
    const { h } = (await a.run(feeds())) as Record<string, ort.Tensor>;
    await h.getData(true); // released from the GPU
    expect(() => link.from(h)).toThrow(/^from: the tensor is at "cpu"/);
    const { h: gone } = (await a.run(feeds())) as Record<string, ort.Tensor>;
    gone.dispose();
    expect(() => link.from(gone)).toThrow(/^from: the tensor is disposed, expected it at/);
    const buffer = link.context.empty([4]).buffer;
    const whole = ort.Tensor.fromGpuBuffer(buffer as never, { dataType: "int32", dims: [4] });
    expect(() => link.from(whole)).toThrow('from: type "int32", expected float32 or float16');
    expect(() => link.from(undefined as never)).toThrow(/^from: the tensor is at undefined/);
  });

  test("a tensor of bf16, destroyed, or none", () => {
    const { context } = link;
    expect(() => link.to(context.empty([2], { dtype: "bf16" }))).toThrow(
      "to: dtype bf16, expected f32 or f16",
    );
    const gone = context.empty([2]);
    gone.destroy();
    expect(() => link.to(gone)).toThrow("to: tensor is destroyed, expected a live tensor");
    expect(() => link.to({} as never)).toThrow(/^to: tensor is an object, expected a tensor/);
  });

  test("a tensor of ours on another device", async () => {
    const other = await createContext();
    const tensor = other.tensor([1, 2], [2]);
    expect(() => link.to(tensor)).toThrow(
      "to: the tensor is on another device, expected one on the device of this context",
    );
    expect(() => link.to(tensor.reshape([1, 2]))).toThrow("to: the tensor is on another device");
    expect(await tensor.read()).toEqual(Float32Array.of(1, 2));
    other.destroy();
  });

  test("a tensor of theirs on another device is refused by the GPU, and nothing else is", async () => {
    const other = await createContext();
    const { buffer } = other.tensor(new Float32Array(8), [8]);
    const foreign = ort.Tensor.fromGpuBuffer(buffer as never, { dataType: "float32", dims: [8] });
    const own = await connect(ort); // which tells of the refusal, as link does not
    const y = layerNorm(own.from(foreign), { normalizedShape: [8] });
    await expect(y.read()).rejects.toThrow(/^layerNorm: the GPU refused the work/);
    own.destroy();
    other.destroy();
    const { h } = (await a.run(feeds())) as Record<string, ort.Tensor>;
    expect(await layerNorm(link.from(h), { normalizedShape: [SIDE] }).read()).toHaveLength(200);
    h.dispose();
  });

  test("another library", async () => {
    await expect(connect({} as never)).rejects.toThrow(
      /^connect: ort an object, expected onnxrunt/,
    );
    await expect(connect(undefined as never)).rejects.toThrow(/^connect: ort undefined, expected/);
  });
});

test("nothing leaks: graphs that are cut, tensors both ways, and errors between", async () => {
  const whole = link.between(a, (h) => batchNorm(h, { training: true }), b);
  const wrong = link.between(a, (h) => layerNorm(h, { normalizedShape: [7] }), b);
  const turn = async () => {
    (await whole.run(feeds())).y.dispose();
    await expect(wrong.run(feeds())).rejects.toThrow("normalizedShape");
    const { h } = (await a.run(feeds())) as Record<string, ort.Tensor>;
    const tensor = link.from(h);
    for (const back of [link.to(tensor), link.to(layerNorm(tensor, { normalizedShape: [SIDE] }))]) {
      back.dispose();
    }
    h.dispose();
    await link.context.sync();
  };
  const buffers = countBuffers();
  for (let i = 0; i < 5; i++) await turn(); // pools fill
  const before = buffers.live();
  for (let i = 0; i < 10; i++) await turn();
  expect(buffers.live()).toBe(before);
  buffers.stop();
});

test("after its last session onnxruntime-web has another device", async () => {
  await a.release();
  await b.release();
  const session = await ort.InferenceSession.create(first, GPU);
  const { h } = await session.run(feeds());
  expect(() => link.from(h)).toThrow(
    /^from: (onnxruntime-web has another device than at connect, expected the same: connect again|.*lost)/,
  );
  const again = await connect(ort);
  expect(await again.from(h).read()).toEqual(await h.getData());
  again.destroy();
  await session.release();
});
