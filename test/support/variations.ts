// This file varies a plain call: one option or array more, stored in some way.

import type { DType, ExchangeOptions } from "../../src/index";
import { type Activation, activations } from "./activations";
import type { Options, Shape } from "./problem";

/** A change of a plain call. */
export interface Variation {
  readonly options?: Options | undefined;
  /** Further arrays, or others. */
  readonly inputs?: Readonly<Record<string, Shape>> | undefined;
  readonly types?: Readonly<Record<string, DType>> | undefined;
  /** Where y goes, or the gradients. */
  readonly out?: "dense" | "permuted" | "padded" | "in place" | undefined;
  /** The examples of each worker. */
  readonly workers?: readonly number[] | undefined;
  /** Whether moments come with the mean's pair, or against the usual, without. */
  readonly pair?: boolean | undefined;
  /** The one worker's all-reduce returns what it is given. */
  readonly itself?: true | undefined;
  /** The workers are a group, and exchange with these options. */
  readonly group?: Omit<ExchangeOptions, "group"> | undefined;
}

/** x has this shape, and six channels. */
export const SHAPE: Shape = [4, 6, 5];
const LAST = 5; // channels where they are the last axis

export const halves = (name: string): Variation[] => [
  { types: { [name]: "f16" } },
  { types: { [name]: "bf16" } },
];

/** Given, and stored as halves. */
export const given = (name: string, ...shapes: Shape[]): Variation[] => [
  ...shapes.map((shape) => ({ inputs: { [name]: shape } })),
  { inputs: { [name]: shapes[0] }, types: { [name]: "f16" } },
];

export const weight = given("weight", [6]);
export const bias = given("bias", [6]);
export const DTYPES: Variation[] = [
  { options: { dtype: "f16" } },
  { options: { dtype: "bf16" } },
  { options: { dtype: "f32" }, types: { x: "f16" } },
];
export const OUT: Variation[] = [
  { out: "dense" },
  { out: "permuted" },
  { out: "padded" },
  { out: "dense", options: { dtype: "f16" } },
];
export const IN_PLACE: Variation[] = [
  { out: "in place" },
  { out: "in place", types: { x: "f16" } },
];
export const INTO: Variation[] = [{ out: "dense" }, { out: "permuted" }, { out: "padded" }];
export const ADDED: Variation[] = [
  { out: "padded", options: { accumulate: true } },
  { out: "dense", options: { accumulate: true }, types: { x: "f16" } },
];
export const activation: Variation[] = (Object.keys(activations) as Activation[]).map((name) => ({
  options: { activation: name },
}));

/** The channels on another axis, with a weight that has to follow. */
export const lastChannels = (names: readonly string[]): Variation => ({
  options: { channelAxis: -1 },
  inputs: Object.fromEntries(names.map((name) => [name, [LAST]])),
});
