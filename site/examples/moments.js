import { createContext, moments } from "webgpu-norm";

const ctx = await createContext();
const random = (...shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return ctx.tensor(Float32Array.from({ length: size }, Math.random), shape);
};

const x = random(8, 16, 14, 14);
const { mean, variance, count } = moments(x, { axes: [0, 2, 3] });
console.log("mean", await mean.read(), "variance", await variance.read(), "count", count);
