// This adapter makes tensors of images by onnxruntime-web's Tensor.fromImage, on the CPU.

import { Tensor } from "onnxruntime-web";

/** (p / 255 - mean) / std is (p + bias) / mean in its terms. */
export async function fromImage(
  bitmap: ImageBitmap,
  mean: number[],
  std: number[],
): Promise<Float32Array> {
  const { width, height } = bitmap;
  const tensor = await Tensor.fromImage(bitmap, {
    tensorFormat: "RGB",
    tensorLayout: "NCHW",
    dataType: "float32",
    resizedWidth: width,
    resizedHeight: height,
    norm: {
      mean: std.map((s) => 255 * s) as [number, number, number],
      bias: mean.map((m) => -255 * m) as [number, number, number],
    },
  });
  return tensor.data as Float32Array;
}
