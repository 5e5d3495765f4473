import { createContext, std, stdBackward } from "webgpu-norm";

const ctx = await createContext();
const random = (...shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return ctx.tensor(Float32Array.from({ length: size }, Math.random), shape);
};

const x = random(8, 16, 14, 14);
const spread = std(x, { axes: [2, 3] }); // correction: 1, as in PyTorch
console.log("deviation", spread.shape, await spread.read());

const { dx } = stdBackward(random(8, 16), { x, axes: [2, 3] });
console.log("dx", await dx.read());
