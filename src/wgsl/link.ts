// Linking: shader files are joined whole. A file of in/* or out/* stands for any array; it is joined once
// an array, under that array's name, as a linker gives every copy of a library its own symbols.

import type { DType } from "../base/dtype";
import { WGSL_DTYPE } from "../base/dtype";

/** What a binding holds; the executor finds the buffer by this name. */
export interface Binding {
  readonly tensorName: string;
  readonly binding: number;
  readonly type: GPUBufferBindingType;
  readonly strideName: string | undefined; // where windows over it are found
}

/** A shader file as it is joined. */
export interface Fragment {
  readonly name: string;
  readonly text: string;
  readonly tensorNames?: Readonly<Record<string, string>>; // of arrays that hold another tensor than their name says
  readonly constants?: Readonly<Record<string, number>>; // overrides of its own
  readonly strideName?: string; // which stride of a Dim leads through its array
}

/** An array of the shaders': its binding, and which stride of a Dim leads through it. */
export interface ShaderArray {
  readonly name: string;
  readonly binding: number;
  readonly strideName: string;
}

/** Names of files, as labels and keys have them. */
export const fragmentNames = (modules: readonly Fragment[]) =>
  modules.map(({ name }) => name).join(", ");

/** A file of in/* or out/* under the array's name. `slot`: the tensor's name, where it is another. */
export function instantiate(
  file: Fragment,
  array: ShaderArray,
  dtype: DType,
  tensorName = array.name,
): Fragment {
  const { name, binding, strideName } = array;
  const text = file.text
    .replace("@binding(0)", `@binding(${binding})`)
    .replaceAll("laneStride.tensor", `laneStride.${strideName}`)
    .replace(/(?<![a-z])tensor(?![a-z])/g, name);
  const half = `${name}_half`;
  const constants = text.includes(`override ${half}`) ? { [half]: WGSL_DTYPE[dtype] } : {};
  return {
    name: `${file.name} as ${name}`,
    text,
    tensorNames: { [name]: tensorName },
    constants,
    strideName,
  };
}

const DECLARATION = /@binding\((\d+)\)\s*var<([^>]+)>\s*(\w+)/g;

function typeOf(kind: string): GPUBufferBindingType {
  if (kind === "uniform") return kind;
  return kind.endsWith("read_write") ? "storage" : "read-only-storage";
}

/** What the files declare. */
export const bindingsOf = (modules: readonly Fragment[]): Binding[] =>
  modules.flatMap(({ text, tensorNames, strideName }) =>
    [...text.matchAll(DECLARATION)].map(([, binding, kind, name]) => {
      return {
        tensorName: tensorNames?.[name] ?? name,
        binding: Number(binding),
        type: typeOf(kind),
        strideName,
      };
    }),
  );

/** What a file that needs a feature has in it. */
const FEATURES = { f16: /\bf16\b/, subgroups: /\bsubgroup[A-Z]/ };

/** Features are enabled on the first line, so that line numbers stay the files'. */
export function sourceOf(modules: readonly Fragment[]): string {
  const text = modules.map((module) => module.text).join("\n");
  const code = text.replace(/\/\/.*/g, "");
  const enabled = Object.entries(FEATURES).filter(([, used]) => used.test(code));
  return [...enabled.map(([name]) => `enable ${name}; `), text].join("");
}
