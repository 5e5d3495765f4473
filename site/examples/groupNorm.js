import { createContext, groupNorm, groupNormBackward } from "webgpu-norm";

const ctx = await createContext();
const random = (...shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return ctx.tensor(Float32Array.from({ length: size }, Math.random), shape);
};

const x = random(4, 32, 14, 14); // [N, C, H, W]
const affine = { groups: 8, weight: random(32), bias: random(32) };
const y = groupNorm(x, { ...affine, activation: "silu" });
console.log("y", y.shape, await y.read());

const { dx, dWeight } = groupNormBackward(random(4, 32, 14, 14), {
  ...affine,
  x,
  activation: "silu",
});
console.log("dx", await dx.read(), "dWeight", await dWeight.read());
