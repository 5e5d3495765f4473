import { batchRenorm, batchRenormBackward, createContext } from "webgpu-norm";

const ctx = await createContext();
const random = (...shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return ctx.tensor(Float32Array.from({ length: size }, Math.random), shape);
};

const x = random(8, 16, 14, 14);
const [runningMean, runningVar] = [random(16), random(16)];
const limits = { training: true, rMax: 3, dMax: 5 };
const saved = batchRenorm(x, { ...limits, runningMean, runningVar, stats: true });
console.log("y", await saved.y.read());

const dy = random(8, 16, 14, 14);
const { mean, rstd, r, d } = saved;
const { dx } = batchRenormBackward(dy, { x, ...limits, mean, rstd, r, d });
console.log("dx", await dx.read());
