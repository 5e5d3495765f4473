import { createContext, lpNormalize, lpNormalizeBackward } from "webgpu-norm";

const ctx = await createContext();
const random = (...shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return ctx.tensor(Float32Array.from({ length: size }, Math.random), shape);
};

const x = random(64, 384);
const y = lpNormalize(x, { axes: [-1] }); // p: 2
console.log("y", await y.read());

const { dx } = lpNormalizeBackward(random(64, 384), { x, axes: [-1] });
console.log("dx", await dx.read());
