// References are kernels to compare with: copies, and rows as one would write them by hand for one
// size.

import { type Kernel, kernelOf } from "./kernels";
import copy from "./references/copy.wgsl?raw";
import rowNorm from "./references/row_norm.wgsl?raw";
import sumSubgroups from "./references/sum_subgroups.wgsl?raw";
import sumTree from "./references/sum_tree.wgsl?raw";

export interface Reference {
  readonly title: string;
  readonly kernel: Kernel;
}

type Pack = "vec4f" | "vec4h";

const header = (pack: Pack, features: readonly string[]) =>
  [...features.map((name) => `enable ${name};`), `alias Pack = ${pack};`].join("\n");

const halves = (pack: Pack) => (pack === "vec4h" ? ["f16"] : []);

const copyOf = (pack: Pack) => kernelOf(`${header(pack, halves(pack))}\n${copy}`);

interface Row {
  readonly workgroup: number;
  readonly each: number; // packs of an invocation
  readonly centered: boolean;
  readonly subgroups?: boolean;
  readonly pack?: Pack;
}

/** The size is part of the text, since arrays in registers are no longer than a constant says. */
function rowOf({ workgroup, each, centered, subgroups = true, pack = "vec4f" }: Row): Kernel {
  const features = [...halves(pack), ...(subgroups ? ["subgroups"] : [])];
  return kernelOf(
    [
      header(pack, features),
      `const WORKGROUP = ${workgroup}u;`,
      `const EACH = ${each}u;`,
      `const CENTERED = ${centered};`,
      subgroups ? sumSubgroups : sumTree,
      rowNorm,
    ].join("\n"),
  );
}

const LAYER = { centered: true };
const RMS = { centered: false };
const OF_768 = { workgroup: 64, each: 3 };
const OF_4096 = { workgroup: 256, each: 4 };
const OF_4096_NARROW = { workgroup: 64, each: 16 };
const OF_8192 = { workgroup: 256, each: 8 };

const rows: readonly (readonly [string, Row])[] = [
  ["LayerNorm f32 768, 64 wide", { ...LAYER, ...OF_768 }],
  ["LayerNorm f32 768, no subgroups", { ...LAYER, ...OF_768, subgroups: false }],
  ["LayerNorm f32 4096, 256 wide", { ...LAYER, ...OF_4096 }],
  ["LayerNorm f32 4096, 64 wide", { ...LAYER, ...OF_4096_NARROW }],
  ["LayerNorm f32 8192, 256 wide", { ...LAYER, ...OF_8192 }],
  ["RMSNorm f32 768, 64 wide", { ...RMS, ...OF_768 }],
  ["RMSNorm f32 4096, 256 wide", { ...RMS, ...OF_4096 }],
  ["RMSNorm f32 4096, 64 wide", { ...RMS, ...OF_4096_NARROW }],
  ["LayerNorm f16 768, 64 wide", { ...LAYER, ...OF_768, pack: "vec4h" }],
  ["LayerNorm f16 4096, 256 wide", { ...LAYER, ...OF_4096, pack: "vec4h" }],
];

export const REFERENCES: readonly Reference[] = [
  { title: "copy f32", kernel: copyOf("vec4f") },
  { title: "copy f16", kernel: copyOf("vec4h") },
  ...rows.map(([name, row]) => ({ title: `by hand: ${name}`, kernel: rowOf(row) })),
];
