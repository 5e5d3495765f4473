import { createContext, dynamicTanh, dynamicTanhBackward } from "webgpu-norm";

const ctx = await createContext();
const random = (...shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return ctx.tensor(Float32Array.from({ length: size }, Math.random), shape);
};

const x = random(64, 768);
const alpha = ctx.tensor([0.5], [1]);
const options = { normalizedShape: [768], alpha, weight: random(768), bias: random(768) };
const y = dynamicTanh(x, options);
console.log("y", await y.read());

const { dx, dAlpha } = dynamicTanhBackward(random(64, 768), { x, ...options });
console.log("dx", await dx.read(), "dAlpha", await dAlpha.read());
