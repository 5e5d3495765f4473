import { createContext, denormalize, layerNorm } from "webgpu-norm";

const ctx = await createContext();
const random = (...shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return ctx.tensor(Float32Array.from({ length: size }, Math.random), shape);
};

const series = random(8, 96, 7); // [N, time, variables]
const affine = { weight: random(7), bias: random(7) };
const axes = [1];
const { y, mean, rstd } = layerNorm(series, { axes, stats: true });
const scaled = denormalize(y, { axes, mean, rstd, ...affine });
console.log("a forecast in the units of its series", await scaled.read());
