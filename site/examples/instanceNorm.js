import { createContext, instanceNorm, instanceNormBackward } from "webgpu-norm";

const ctx = await createContext();
const random = (...shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return ctx.tensor(Float32Array.from({ length: size }, Math.random), shape);
};

const x = random(4, 16, 24, 24);
const affine = { weight: random(16), bias: random(16) };
const y = instanceNorm(x, affine);
console.log("y", y.shape, await y.read());

const { dx, dWeight } = instanceNormBackward(random(4, 16, 24, 24), { x, ...affine });
console.log("dx", await dx.read(), "dWeight", await dWeight.read());
