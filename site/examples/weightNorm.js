import { createContext, weightNorm, weightNormBackward } from "webgpu-norm";

const ctx = await createContext();
const random = (...shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return ctx.tensor(Float32Array.from({ length: size }, Math.random), shape);
};

const v = random(32, 16, 3, 3); // filters: [outputs, inputs, H, W]
const g = random(32); // their magnitudes
const w = weightNorm(v, { weight: g });
console.log("w", await w.read());

const { dx, dWeight } = weightNormBackward(random(32, 16, 3, 3), { x: v, weight: g });
console.log("dv", await dx.read(), "dg", await dWeight.read());
