import { clipGradNorm, createContext } from "webgpu-norm";

const ctx = await createContext();
const random = (...shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return ctx.tensor(Float32Array.from({ length: size }, Math.random), shape);
};

const gradients = [random(64, 32), random(64), random(10, 64)];
const norm = clipGradNorm(gradients, { max: 1 }); // the norm from before
console.log("norm", await norm.read(), "clipped", await gradients[1].read());
