import { createContext, globalResponseNorm, globalResponseNormBackward } from "webgpu-norm";

const ctx = await createContext();
const random = (...shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return ctx.tensor(Float32Array.from({ length: size }, Math.random), shape);
};

const x = random(4, 16, 14, 14);
const affine = { weight: random(16), bias: random(16) };
const y = globalResponseNorm(x, affine);
console.log("y", await y.read());

const { dx, dWeight } = globalResponseNormBackward(random(4, 16, 14, 14), { x, ...affine });
console.log("dx", await dx.read(), "dWeight", await dWeight.read());
