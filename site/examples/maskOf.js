import { createContext, layerNorm, maskOf, mean } from "webgpu-norm";

const ctx = await createContext();
const random = (...shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return ctx.tensor(Float32Array.from({ length: size }, Math.random), shape);
};

const x = random(4, 50, 64); // [N, tokens, features]
const valid = Array.from({ length: 4 * 50 }, () => Math.random() < 0.7);
const mask = maskOf(valid, { shape: [4, 50, 1] });
const pooled = mean(x, { axes: [1], mask });
console.log("mean of the valid tokens", await pooled.read());

const y = layerNorm(x, { axes: [1, 2], mask }); // masked elements become 0
console.log("y", await y.read());
