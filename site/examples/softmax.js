import { createContext, softmax, softmaxBackward } from "webgpu-norm";

const ctx = await createContext();
const random = (...shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return ctx.tensor(Float32Array.from({ length: size }, Math.random), shape);
};

const x = random(64, 1000);
const y = softmax(x); // over the last axis
console.log("y", await y.read());

const { dx } = softmaxBackward(random(64, 1000), { x });
console.log("dx", await dx.read());
