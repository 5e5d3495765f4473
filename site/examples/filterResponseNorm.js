import { createContext, filterResponseNorm, filterResponseNormBackward } from "webgpu-norm";

const ctx = await createContext();
const random = (...shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return ctx.tensor(Float32Array.from({ length: size }, Math.random), shape);
};

const x = random(4, 16, 14, 14);
const options = { weight: random(16), bias: random(16), threshold: random(16) };
const y = filterResponseNorm(x, options);
console.log("y", await y.read());

const { dx, dThreshold } = filterResponseNormBackward(random(4, 16, 14, 14), { x, ...options });
console.log("dx", await dx.read(), "dThreshold", await dThreshold.read());
