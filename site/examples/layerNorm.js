import { createContext, layerNorm, layerNormBackward } from "webgpu-norm";

const ctx = await createContext();
const random = (...shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return ctx.tensor(Float32Array.from({ length: size }, Math.random), shape);
};

const x = random(64, 768); // [tokens, features]
const affine = { normalizedShape: [768], weight: random(768), bias: random(768) };
const y = layerNorm(x, affine);
console.log("y", y.shape, await y.read());

const dy = random(64, 768);
const { dx, dWeight, dBias } = layerNormBackward(dy, { x, ...affine });
console.log("dx", dx.shape, "dWeight", await dWeight.read(), "dBias", await dBias.read());
