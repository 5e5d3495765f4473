// `npm start`: eight layers in one compute pass, beside float64; the time to record a norm; and a
// picture of what f16 sums do to large values.

import { writeFileSync } from "node:fs";
import { rmsNorm } from "webgpu-norm";
import { prepareNorms } from "./block.js";
import { openContext } from "./context.js";
import { createModel, reference } from "./model.js";
import { errorsAt } from "./overflow.js";
import { errorPicture } from "./picture.js";

const [TOKENS, WIDTH, LAYERS] = [8, 256, 8];

const context = await openContext();
const { device } = context;
const random = (/** @type {number} */ length, /** @type {number} */ scale) =>
  Float32Array.from({ length }, () => scale * (2 * Math.random() - 1));
const layers = Array.from({ length: LAYERS }, () => ({
  scale: random(WIDTH, 0.5).map((value) => 1 + value),
  matrix: random(WIDTH * WIDTH, 2 / Math.sqrt(WIDTH)),
}));
const sizes = { tokens: TOKENS, width: WIDTH, layers };
const input = random(TOKENS * WIDTH, 2);

const model = createModel(context, sizes);
const given = context.tensor(input, [TOKENS, WIDTH], { dtype: "f16" });
const encoder = device.createCommandEncoder();
encoder.copyBufferToBuffer(given.buffer, 0, model.x.buffer, 0, 2 * TOKENS * WIDTH);
device.queue.submit([encoder.finish()]);
model.step();
const [x, residual] = [await model.x.read(), await model.residual.read()];
const right = reference(await given.read(), sizes);
const error = (/** @type {ArrayLike<number>} */ a, /** @type {Float64Array} */ b) =>
  Math.sqrt(
    b.reduce((sum, v, i) => sum + (v - (a[i] ?? 0)) ** 2, 0) / b.reduce((s, v) => s + v * v, 0),
  );
console.log(`${LAYERS} layers, f16, ${context.profile.name}`);
console.log(
  `  relative error of x ${error(x, right.x)}, of the residual ${error(residual, right.residual)}`,
);

/** Microseconds of the host for one call. */
function timed(/** @type {number} */ count, /** @type {() => void} */ call) {
  call();
  const start = performance.now();
  for (let i = 0; i < count; i++) call();
  return ((performance.now() - start) * 1000) / count;
}
const norms = prepareNorms(context, { tokens: TOKENS, width: WIDTH });
const weight = context.tensor(new Float32Array(WIDTH).fill(1), [WIDTH], { dtype: "f16" });
const tensors = { x: model.x, residual: model.residual, y: model.y, weight };
const recording = device.createCommandEncoder();
const pass = recording.beginComputePass();
const prepared = timed(2000, () => norms.encode(pass, tensors));
pass.end(); // it is not submitted
const called = timed(200, () => {
  const { residual: sum } = model;
  rmsNorm(model.x, {
    normalizedShape: [WIDTH],
    weight,
    residual: sum,
    residualOut: sum,
    out: model.y,
  });
});
console.log(
  `  a norm takes the host ${prepared.toFixed(1)} us prepared, ${called.toFixed(1)} us as a call`,
);

const errors = await errorsAt(context, [1, 4, 16, 64, 128, 200, 300, 1000, 10_000, 60_000]);
writeFileSync("overflow.svg", errorPicture(errors));
console.log("overflow.svg has the errors of large values, with sums in f16 and in f32");
process.exit(); // Dawn's threads would keep the process
