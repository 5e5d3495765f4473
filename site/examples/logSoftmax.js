import { createContext, logSoftmax, logSoftmaxBackward } from "webgpu-norm";

const ctx = await createContext();
const random = (...shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return ctx.tensor(Float32Array.from({ length: size }, Math.random), shape);
};

const x = random(64, 1000);
const y = logSoftmax(x, { axes: [-1] });
console.log("y", await y.read());

const { dx } = logSoftmaxBackward(random(64, 1000), { x, axes: [-1] });
console.log("dx", await dx.read());
