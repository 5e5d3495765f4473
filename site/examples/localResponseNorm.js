import { createContext, localResponseNorm, localResponseNormBackward } from "webgpu-norm";

const ctx = await createContext();
const random = (...shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return ctx.tensor(Float32Array.from({ length: size }, Math.random), shape);
};

const x = random(4, 16, 14, 14);
const options = { size: 5, alpha: 1e-4, beta: 0.75, k: 1 };
const y = localResponseNorm(x, options);
console.log("y", await y.read());

const { dx } = localResponseNormBackward(random(4, 16, 14, 14), { x, ...options });
console.log("dx", await dx.read());
