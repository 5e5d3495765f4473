import { createContext, standardize, standardizeBackward } from "webgpu-norm";

const ctx = await createContext();
const random = (...shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return ctx.tensor(Float32Array.from({ length: size }, Math.random), shape);
};

const x = random(4, 16, 14, 14);
const y = standardize(x, { axes: [1, 3], weight: random(16, 1, 1) }); // any axes
console.log("y", await y.read());

const { dx } = standardizeBackward(random(4, 16, 14, 14), { x, axes: [1, 3] });
console.log("dx", await dx.read());
