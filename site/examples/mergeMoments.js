import { createContext, mergeMoments, moments } from "webgpu-norm";

const ctx = await createContext();
const random = (...shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return ctx.tensor(Float32Array.from({ length: size }, Math.random), shape);
};

const parts = [random(5, 16, 14, 14), random(3, 16, 14, 14)];
const axes = [0, 2, 3];
const merged = mergeMoments(parts.map((part) => moments(part, { axes })));
console.log("mean", await merged.mean.read(), "of", merged.count, "values a channel");
