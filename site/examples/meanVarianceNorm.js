import { createContext, meanVarianceNorm, meanVarianceNormBackward } from "webgpu-norm";

const ctx = await createContext();
const random = (...shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return ctx.tensor(Float32Array.from({ length: size }, Math.random), shape);
};

const x = random(8, 16, 14, 14);
const y = meanVarianceNorm(x, { axes: [0, 2, 3] }); // ONNX's default axes
console.log("y", await y.read());

const { dx } = meanVarianceNormBackward(random(8, 16, 14, 14), { x, axes: [0, 2, 3] });
console.log("dx", await dx.read());
