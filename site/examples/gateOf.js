import { createContext, gateOf, rmsNorm, rmsNormBackward } from "webgpu-norm";

const ctx = await createContext();
const random = (...shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return ctx.tensor(Float32Array.from({ length: size }, Math.random), shape);
};

const [x, z] = [random(64, 256), random(64, 256)];
const options = { normalizedShape: [256], weight: random(256) };
const y = rmsNorm(x, { ...options, gate: gateOf(z) }); // norm(x) silu(z)
console.log("y", await y.read());

const { dx, dGate } = rmsNormBackward(random(64, 256), { x, ...options, gate: gateOf(z) });
console.log("dx", await dx.read(), "dGate", await dGate.read());
