import { batchNorm, batchNormBackward, createContext } from "webgpu-norm";

const ctx = await createContext();
const random = (...shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return ctx.tensor(Float32Array.from({ length: size }, Math.random), shape);
};

const x = random(8, 16, 14, 14); // [N, C, H, W]
const [weight, bias, runningMean, runningVar] = [random(16), random(16), random(16), random(16)];
const y = batchNorm(x, { training: true, weight, bias, runningMean, runningVar });
console.log("y", y.shape, await y.read());

// the gradients, with the statistics of the batch
const dy = random(8, 16, 14, 14);
const { dx, dWeight, dBias } = batchNormBackward(dy, { x, training: true, weight, bias });
console.log("dx", dx.shape, "dWeight", await dWeight.read(), "dBias", await dBias.read());
