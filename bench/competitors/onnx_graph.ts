// This file writes ONNX's protobuf: a graph that grows node by node, as the bytes of a .onnx file.

import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  type AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  ModelProtoSchema,
  type NodeProtoSchema,
  type ValueInfoProtoSchema,
} from "onnx-buf";
import type { Shape } from "../workloads";

type Node = MessageInitShape<typeof NodeProtoSchema>;
type Attribute = number | readonly number[];

export const MICROSOFT = "com.microsoft";

/** Adds nodes one after the other; each gives the name of its result. */
export class Graph {
  readonly nodes: Node[] = [];
  readonly constants: { name: string; shape: Shape; data: Float32Array | BigInt64Array }[] = [];
  private made = 0;

  node(
    opType: string,
    input: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    { domain = "", output = [`t${this.made++}`] }: { domain?: string; output?: string[] } = {},
  ): string {
    const attribute = Object.entries(attributes).map(attributed);
    this.nodes.push({ opType, input: [...input], output, domain, attribute });
    return output[0];
  }

  constant(data: Float32Array | BigInt64Array, shape: Shape): string {
    const name = `c${this.constants.length}`;
    this.constants.push({ name, shape, data });
    return name;
  }

  scalar = (value: number) => this.constant(Float32Array.of(value), []);

  shape = (shape: Shape) => this.constant(BigInt64Array.from(shape, BigInt), [shape.length]);
}

function attributed([name, value]: [string, Attribute]): MessageInitShape<
  typeof AttributeProtoSchema
> {
  if (typeof value !== "number") {
    return { name, type: AttributeType.INTS, ints: value.map(BigInt) };
  }
  return Number.isInteger(value)
    ? { name, type: AttributeType.INT, i: BigInt(value) }
    : { name, type: AttributeType.FLOAT, f: value };
}

/** Named values with their shapes. */
type Values = readonly (readonly [name: string, shape: Shape])[];

interface About {
  readonly name: string;
  readonly opset: bigint;
  readonly input: Values;
  readonly output: Values;
}

export function encoded(graph: Graph, { name, opset, input, output }: About): Uint8Array {
  const model = create(ModelProtoSchema, {
    irVersion: 10n,
    opsetImport: [
      { domain: "", version: opset },
      { domain: MICROSOFT, version: 1n },
    ],
    graph: {
      name,
      node: graph.nodes,
      input: input.map(value),
      output: output.map(value),
      initializer: graph.constants.map(({ name, shape, data }) => ({
        name,
        dims: shape.map(BigInt),
        dataType: data instanceof Float32Array ? DataType.FLOAT : DataType.INT64,
        rawData: new Uint8Array(data.buffer as ArrayBuffer),
      })),
    },
  });
  return toBinary(ModelProtoSchema, model);
}

const value = ([name, shape]: Values[number]): MessageInitShape<typeof ValueInfoProtoSchema> => ({
  name,
  type: {
    value: {
      case: "tensorType",
      value: {
        elemType: DataType.FLOAT,
        shape: {
          dim: shape.map((length) => ({
            value: { case: "dimValue" as const, value: BigInt(length) },
          })),
        },
      },
    },
  },
});
