import { createContext, rmsNorm, rmsNormBackward, skipOf } from "webgpu-norm";

const ctx = await createContext();
const random = (...shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return ctx.tensor(Float32Array.from({ length: size }, Math.random), shape);
};

const [x, stream] = [random(64, 256), random(64, 256)];
const options = { normalizedShape: [256], weight: random(256) };
const y = rmsNorm(x, { ...options, skip: skipOf(stream, { gate: random(256) }) });
console.log("stream + gate norm(x)", await y.read());

const { dx, dSkip } = rmsNormBackward(random(64, 256), { x, ...options, skip: skipOf(stream) });
console.log("dx", await dx.read(), "dSkip", await dSkip.read());
