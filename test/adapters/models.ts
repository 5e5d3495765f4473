// These are small ONNX models of one or two nodes, f32 or f16, with a constant weight.

import { create, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  ModelProtoSchema,
} from "onnx-buf";

type Shape = readonly number[];

const value = (name: string, shape: Shape, elemType: DataType = DataType.FLOAT) => ({
  name,
  type: {
    value: {
      case: "tensorType" as const,
      value: {
        elemType,
        shape: {
          dim: shape.map((n) => ({ value: { case: "dimValue" as const, value: BigInt(n) } })),
        },
      },
    },
  },
});

interface Node {
  readonly opType: string;
  readonly input: string[];
  readonly output: string[];
  readonly attributes?: Readonly<Record<string, number>>;
}

interface Model {
  readonly nodes: readonly Node[];
  readonly input: Readonly<Record<string, Shape>>;
  readonly output: Readonly<Record<string, Shape>>;
  readonly integers?: readonly string[]; // inputs of int64
  readonly constants?: Readonly<Record<string, { shape: Shape; data: Float32Array }>>;
}

export function onnx({ nodes, input, output, constants = {}, integers = [] }: Model): Uint8Array {
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ domain: "", version: 17n }],
    graph: {
      name: "small",
      node: nodes.map(({ attributes = {}, ...node }) => ({
        ...node,
        attribute: Object.entries(attributes).map(([name, number]) =>
          Number.isInteger(number)
            ? { name, type: AttributeType.INT, i: BigInt(number) }
            : { name, type: AttributeType.FLOAT, f: number },
        ),
      })),
      input: Object.entries(input).map(([name, shape]) =>
        value(name, shape, integers.includes(name) ? DataType.INT64 : DataType.FLOAT),
      ),
      output: Object.entries(output).map(([name, shape]) => value(name, shape)),
      initializer: Object.entries(constants).map(([name, { shape, data }]) => ({
        name,
        dims: shape.map(BigInt),
        dataType: DataType.FLOAT,
        rawData: new Uint8Array(data.buffer as ArrayBuffer),
      })),
    },
  });
  return toBinary(ModelProtoSchema, model);
}
