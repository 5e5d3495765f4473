import { createContext, lengthsOf, standardize } from "webgpu-norm";

const ctx = await createContext();
const random = (...shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return ctx.tensor(Float32Array.from({ length: size }, Math.random), shape);
};

const features = random(3, 50, 80); // [N, frames, bins]
const mask = lengthsOf([50, 31, 12]); // along axis 1
const y = standardize(features, { axes: [1], mask });
console.log("y", await y.read());
