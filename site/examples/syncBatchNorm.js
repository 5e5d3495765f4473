import { createContext, mergeMoments, syncBatchNorm } from "webgpu-norm";

const ctx = await createContext();
const random = (...shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return ctx.tensor(Float32Array.from({ length: size }, Math.random), shape);
};

// two workers in one page, each with a part of the batch; elsewhere `group` is a channelGroup
const parts = [random(5, 16, 14, 14), random(3, 16, 14, 14)];
const arrived = [];
let resolve;
const all = new Promise((settle) => {
  resolve = settle;
});
const allReduce = (own) => {
  arrived.push(own);
  if (arrived.length === parts.length) resolve(mergeMoments(arrived));
  return all;
};
const results = await Promise.all(parts.map((x) => syncBatchNorm(x, { allReduce })));
console.log("mean of all", await results[0].moments.mean.read());
console.log("y of the second worker", await results[1].y.read());
