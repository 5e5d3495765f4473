import {
  batchNorm,
  moments,
  ready,
  setBackend,
  type Tensor1D,
  tensor,
} from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-webgpu";
import { bias, EPS, type First, LENGTH, ROWS, weight, x } from "../cold/workload";

export const first: First = async () => {
  await setBackend("webgpu");
  await ready();
  const given = tensor(x, [ROWS, LENGTH]);
  const { mean, variance } = moments(given, [1], true);
  const parameters = [bias, weight].map((values) => tensor(values, [1, LENGTH]));
  const all = [mean, variance, ...parameters] as [Tensor1D, Tensor1D, Tensor1D, Tensor1D];
  return (await batchNorm(given, ...all, EPS).data()) as Float32Array;
};
