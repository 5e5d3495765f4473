import { createContext, weightStandardize, weightStandardizeBackward } from "webgpu-norm";

const ctx = await createContext();
const random = (...shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return ctx.tensor(Float32Array.from({ length: size }, Math.random), shape);
};

const w = random(32, 16, 3, 3); // filters: [outputs, inputs, H, W]
const standardized = weightStandardize(w);
console.log("w", await standardized.read());

const { dx } = weightStandardizeBackward(random(32, 16, 3, 3), { x: w });
console.log("dw", await dx.read());
