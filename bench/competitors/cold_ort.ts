import model from "virtual:layer-norm.onnx";
import * as ort from "onnxruntime-web/webgpu";
import { bias, type First, LENGTH, ROWS, weight, x } from "../cold/workload";

export const first: First = async () => {
  const session = await ort.InferenceSession.create(model, { executionProviders: ["webgpu"] });
  const { y } = await session.run({
    x: new ort.Tensor("float32", x, [ROWS, LENGTH]),
    weight: new ort.Tensor("float32", weight, [LENGTH]),
    bias: new ort.Tensor("float32", bias, [LENGTH]),
  });
  return (await y.getData()) as Float32Array;
};
