import { createContext, rmsNorm, rmsNormBackward } from "webgpu-norm";

const ctx = await createContext();
const random = (...shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return ctx.tensor(Float32Array.from({ length: size }, Math.random), shape);
};

const x = random(64, 768); // [tokens, features]
const options = { normalizedShape: [768], weight: random(768), eps: 1e-6 };
const y = rmsNorm(x, options);
console.log("y", y.shape, await y.read());

const { dx, dWeight } = rmsNormBackward(random(64, 768), { x, ...options });
console.log("dx", await dx.read(), "dWeight", await dWeight.read());
