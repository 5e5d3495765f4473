// The recipes of docs/interop.md, as they stand there: this library beside jax-js, TypeGPU, three.js and
// transformers.js, on one device and in their buffers.

import { Tensor as HfTensor, env as hfEnv } from "@huggingface/transformers";
import { nn as jaxNn, numpy as np, vjp } from "@jax-js/jax";
// @ts-expect-error: three.js has its types in another package
import { WebGPURenderer } from "three/webgpu";
import tgpu, { d } from "typegpu";
import { beforeAll, expect, test } from "vitest";
import { type Context, createContext, layerNorm } from "../../src/index";
import { Random } from "../support/random";
import { far, rows } from "./float64";
import { onnx } from "./models";
import besideJax from "./recipe.js?of=jax-js&given=x,gradientOf&recipe";
import besideTypeGpu from "./recipe.js?of=TypeGPU&given=ctx&recipe";
import besideThree from "./recipe.js?of=three.js&given=ctx,positions&recipe";
import besideTransformers from "./recipe.js?of=transformers.js&given=name,inputs&recipe";

/** Our own results are right to 2e-6 of values that are at most some units large (docs/numerics.md). */
const OWN = 2e-6;
/** Theirs rounds x before, or y after ours: a few units of f32's rounding. */
const THEIR_ROUNDING = 1e-6;
/** jax-js's gradient in f32 takes the mean square minus the squared mean at an offset of 5. */
const THEIR_GRADIENTS = 2e-4;

const random = new Random(17);

let device: GPUDevice;
let ctx: Context;

beforeAll(async () => {
  const adapter = await navigator.gpu.requestAdapter();
  device = (await adapter?.requestDevice()) as GPUDevice;
  ctx = await createContext({ device });
});

test("jax-js: forward and backward inside its training loop", async () => {
  await (await import("@jax-js/jax")).init("webgpu");
  const values = random.normals(4 * 96, 5);
  const x = np.array(Float32Array.from(values), { device: "webgpu" }).reshape([4, 96]);
  const gradientOf = (y: np.Array) => y.ref.mul(2); // of the loss sum(y^2)
  const { ctx: jax, y, dx } = await besideJax({ x, gradientOf });
  expect(far(await y.ref.data(), rows(values, 96))).toBeLessThan(OWN + THEIR_ROUNDING);
  const [, back] = vjp((a: np.Array) => jaxNn.standardize(a, -1, { epsilon: 1e-5 }), [x.ref]);
  const [right] = back(gradientOf(y)) as np.Array[];
  expect(far(await dx.data(), await (right as np.Array).data())).toBeLessThan(THEIR_GRADIENTS);
  jax.destroy();
});

test("TypeGPU: arrays of vec3f have a stride of 4", async () => {
  const { root, points, x } = await besideTypeGpu({ ctx });
  expect(x.buffer).toBe(root.unwrap(points));
  const given = [1, 2, 3, 4].map((i) => d.vec3f(i, i * i, 7 - i));
  points.write(given);
  layerNorm(x, { normalizedShape: [3], out: x }); // as the recipe does, whose buffer is still empty
  const result = (await points.read()) as d.v3f[];
  const flat = (all: readonly d.v3f[]) => all.flatMap((p) => [p.x, p.y, p.z]);
  expect(far(flat(result), rows(flat(given), 3))).toBeLessThan(OWN);
  root.destroy();
});

test("TypeGPU: a field of a struct has an offset", async () => {
  const root = tgpu.initFromDevice({ device });
  const Struct = d.struct({
    scale: d.vec3f,
    more: d.vec3f,
    count: d.u32,
    data: d.arrayOf(d.f32, 6),
  });
  const { offset } = d.memoryLayoutOf(Struct, (s) => s.data);
  const data = [3, 1, 4, 1, 5, 9];
  const whole = { scale: d.vec3f(1), more: d.vec3f(2), count: 6, data };
  const fields = root.createBuffer(Struct, whole).$usage("storage");
  const row = ctx.fromBuffer(root.unwrap(fields), { shape: [1, 6], offset });
  layerNorm(row, { normalizedShape: [6], out: row });
  const after = await fields.read();
  expect(far(after.data, rows(data, 6))).toBeLessThan(OWN);
  expect(after.count).toBe(6);
  root.destroy();
  expect(await layerNorm(ctx.tensor([1, 2], [1, 2]), { normalizedShape: [2] }).read()).toHaveLength(
    2,
  );
});

test("three.js: an attribute of three items has four in its buffer", async () => {
  const positions = random.normals(12, 3);
  const { renderer, x } = await besideThree({ ctx, positions: positions.slice() });
  expect(renderer).toBeInstanceOf(WebGPURenderer);
  expect(far(await x.read(), rows(positions, 3))).toBeLessThan(OWN);
  renderer.dispose();
  expect(await ctx.tensor([1], [1]).read()).toEqual(Float32Array.of(1));
});

test("transformers.js: its model's result stays on the GPU, with its own onnxruntime", async () => {
  const [words, width] = [5, 8];
  const table = random.normals(words * width, 4);
  const model = onnx({
    nodes: [{ opType: "Gather", input: ["table", "input_ids"], output: ["last_hidden_state"] }],
    input: { input_ids: [1, 3] },
    output: { last_hidden_state: [1, 3, width] },
    constants: { table: { shape: [words, width], data: table } },
    integers: ["input_ids"],
  });
  const files: Record<string, BodyInit> = {
    "config.json": JSON.stringify({ model_type: "bert", architectures: ["BertModel"] }),
    "onnx/model.onnx": model as never,
  };
  const found = (path: string) => Object.keys(files).find((name) => path.endsWith(name));
  hfEnv.allowRemoteModels = true;
  hfEnv.allowLocalModels = false;
  hfEnv.useBrowserCache = false;
  hfEnv.useCustomCache = true;
  hfEnv.customCache = {
    match: async (path: string) => {
      const name = found(path);
      return name && new Response(files[name]);
    },
    put: async () => {},
  } as never;
  const own =
    "test/adapters/node_modules/@huggingface/transformers/node_modules/onnxruntime-web/dist/";
  Object.assign(hfEnv.backends.onnx.wasm as object, {
    wasmPaths: new URL(own, `${location.origin}/`).href,
    numThreads: 1,
  });
  const ids = new HfTensor("int64", BigInt64Array.of(3n, 0n, 4n), [1, 3]);
  const { link, result } = await besideTransformers({ name: "small", inputs: { input_ids: ids } });
  const right = rows(
    [3, 0, 4].flatMap((i) => [...table.slice(i * width, i * width + width)]),
    width,
  );
  expect(far((await result.ort_tensor.getData()) as Float32Array, right)).toBeLessThan(OWN);
  link.destroy();
});
