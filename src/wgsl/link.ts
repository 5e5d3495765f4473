// Linking: shader files are joined whole. A template (io/load, io/store) stands for any array; it is joined
// once an array, under that array's name, as a linker gives every copy of a library its own symbols.

import { type DType, WGSL_DTYPE } from "../base/dtype";

/** An array that a file declares, as short as can be: each is in the package. */
export type DeclaredArray = readonly [
  name: string,
  binding: number,
  access: "uniform" | "read" | "read_write",
];

const BINDING_TYPES = {
  uniform: "uniform",
  read: "read-only-storage",
  read_write: "storage",
} as const;

/** A shader file with what it declares; the build reads that from the text. */
export interface ShaderFile {
  readonly name: string; // its path within shaders/, without the extension
  readonly text: string;
  readonly arrays?: readonly DeclaredArray[];
  readonly overrides?: readonly string[];
  readonly features?: readonly string[]; // to be enabled for it
}

/** A shader file in a pass: its arrays hold tensors, its overrides may have values. */
export interface Fragment extends ShaderFile {
  readonly tensorNames?: Readonly<Record<string, string>>; // of arrays that hold another tensor than their name says
  readonly constants?: Readonly<Record<string, number>>;
  readonly strideName?: string; // the stride of a Dim that leads through its array
}

/** A binding of a pass; the executor finds the tensor by its name. */
export interface Binding {
  readonly tensorName: string;
  readonly binding: number;
  readonly type: GPUBufferBindingType;
  readonly strideName: string | undefined; // by which ranges of a tile are found
}

/** An array that a template stands for. */
export interface ShaderArray {
  readonly name: string;
  readonly binding: number;
  readonly strideName: string;
}

/** File names, as labels and keys. */
export const fragmentNames = (fragments: readonly Fragment[]) =>
  fragments.map(({ name }) => name).join(", ");

/** A template under an array's name. */
export function instantiate(
  template: ShaderFile,
  array: ShaderArray,
  dtype: DType,
  tensorName = array.name,
): Fragment {
  const { name, binding, strideName } = array;
  const { arrays = [], overrides = [] } = template;
  const named = (word: string) => word.replace(/(?<![a-z])tensor(?![a-z])/g, name);
  const text = template.text
    .replace("@binding(0)", `@binding(${binding})`)
    .replaceAll("laneStride.tensor", `laneStride.${strideName}`);
  return {
    ...template,
    name: `${template.name} as ${name}`,
    text: named(text),
    arrays: arrays.map(([, , access]) => [name, binding, access]),
    overrides: overrides.map(named),
    tensorNames: { [name]: tensorName },
    constants: overrides.length > 0 ? { [`${name}_half`]: WGSL_DTYPE[dtype] } : {},
    strideName,
  };
}

/** Bindings of all arrays that the files declare. */
export const bindingsOf = (fragments: readonly Fragment[]): Binding[] =>
  fragments.flatMap(({ arrays = [], tensorNames, strideName }) =>
    arrays.map(([name, binding, access]) => {
      const type = BINDING_TYPES[access];
      return { tensorName: tensorNames?.[name] ?? name, binding, type, strideName };
    }),
  );

/** Features are enabled on the first line, so that line numbers stay the files'. */
export function sourceOf(fragments: readonly Fragment[]): string {
  const features = new Set(fragments.flatMap(({ features = [] }) => features));
  const enabled = [...features].map((name) => `enable ${name}; `);
  return [...enabled, fragments.map(({ text }) => text).join("\n")].join("");
}
