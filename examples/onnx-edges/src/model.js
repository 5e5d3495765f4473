// A model for the example: Sobel's edges of a normalized image. It stands for any model that wants
// ImageNet's mean and deviation: x [1, 3, SIZE, SIZE] to edges [1, 1, SIZE - 2, SIZE - 2].

import { create, toBinary } from "@bufbuild/protobuf";
import { TensorProto_DataType as DataType, ModelProtoSchema } from "onnx-buf";

export const SIZE = 224;
export const INNER = SIZE - 2;

/** ImageNet's deviations, and the shares of red, green and blue in gray. */
const DEVIATIONS = [0.229, 0.224, 0.225];
const SHARES = [0.299, 0.587, 0.114];

const SOBEL = [
  [-1, 0, 1, -2, 0, 2, -1, 0, 1],
  [-1, -2, -1, 0, 0, 0, 1, 2, 1],
];

/** The weights take the gray of the image itself: a mean has no edges. */
const WEIGHTS = Float32Array.from(
  SOBEL.flatMap((kernel) =>
    SHARES.flatMap((share, c) => kernel.map((value) => value * share * (DEVIATIONS[c] ?? 1))),
  ),
);

const value = (/** @type {string} */ name, /** @type {number[]} */ shape) => ({
  name,
  type: {
    value: {
      case: /** @type {const} */ ("tensorType"),
      value: {
        elemType: DataType.FLOAT,
        shape: {
          dim: shape.map((n) => ({
            value: { case: /** @type {const} */ ("dimValue"), value: BigInt(n) },
          })),
        },
      },
    },
  },
});

const constant = (
  /** @type {string} */ name,
  /** @type {number[]} */ shape,
  /** @type {Float32Array} */ data,
) => ({
  ...{ name, dims: shape.map(BigInt), dataType: DataType.FLOAT },
  rawData: new Uint8Array(/** @type {ArrayBuffer} */ (data.buffer)),
});

/** Makes the model's bytes, as a file has them. */
export function modelBytes() {
  const node = [
    { opType: "Conv", input: ["x", "sobel"], output: ["slopes"] },
    { opType: "Mul", input: ["slopes", "slopes"], output: ["squares"] },
    { opType: "Conv", input: ["squares", "ones"], output: ["sums"] },
    { opType: "Sqrt", input: ["sums"], output: ["edges"] },
  ];
  const graph = {
    ...{ name: "edges", node },
    input: [value("x", [1, 3, SIZE, SIZE])],
    output: [value("edges", [1, 1, INNER, INNER])],
    initializer: [
      constant("sobel", [2, 3, 3, 3], WEIGHTS),
      constant("ones", [1, 2, 1, 1], new Float32Array(2).fill(1)),
    ],
  };
  const opsetImport = [{ domain: "", version: 17n }];
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, { irVersion: 8n, opsetImport, graph }),
  );
}
