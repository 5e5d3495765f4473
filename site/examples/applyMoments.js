import { applyMoments, createContext, moments } from "webgpu-norm";

const ctx = await createContext();
const random = (...shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return ctx.tensor(Float32Array.from({ length: size }, Math.random), shape);
};

const dataset = random(64, 16, 14, 14);
const axes = [0, 2, 3];
const { mean, variance } = moments(dataset, { axes }); // once

const x = random(4, 16, 14, 14);
const y = applyMoments(x, { axes, mean, variance });
console.log("y", await y.read());
