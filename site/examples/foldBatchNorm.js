import { createContext, foldBatchNorm } from "webgpu-norm";

const ctx = await createContext();
const random = (...shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return ctx.tensor(Float32Array.from({ length: size }, Math.random), shape);
};

// a convolution's weight and bias, and the BatchNorm behind it
const [weight, bias] = [random(32, 16, 3, 3), random(32)];
const norm = { mean: random(32), variance: random(32), gamma: random(32), beta: random(32) };
const folded = foldBatchNorm({ weight, bias, ...norm });
console.log("weight", await folded.weight.read(), "bias", await folded.bias.read());
