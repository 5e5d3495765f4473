import { createContext, mean, meanBackward } from "webgpu-norm";

const ctx = await createContext();
const random = (...shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return ctx.tensor(Float32Array.from({ length: size }, Math.random), shape);
};

const x = random(8, 16, 14, 14);
const m = mean(x, { axes: [2, 3] });
console.log("mean", m.shape, await m.read());

const { dx } = meanBackward(random(8, 16), { x, axes: [2, 3] });
console.log("dx", await dx.read());
