// The linker joins whole shader files. A template (io/load, io/store) stands for any array; it is
// joined once per array, under that array's name, as a linker gives every copy of a library its own
// symbols.

import { DTYPES, type DType } from "../base/dtype";

/** A binding layout's entry says this of a texture. */
export type TextureEntry = Pick<GPUBindGroupLayoutEntry, "texture" | "externalTexture">;

/** A binding has a buffer, or a texture. */
export type BindingType = GPUBufferBindingType | TextureEntry;

/** A declared array is a short tuple, since every one is in the package. */
export type DeclaredArray = readonly [name: string, binding: number, type: BindingType];

/** A shader file comes with its declarations, which the build reads from the text. */
export interface ShaderFile {
  readonly name: string; // its path within shaders/, without the extension
  readonly text: string;
  readonly arrays?: readonly DeclaredArray[];
  readonly overrides?: readonly string[];
  readonly features?: readonly string[]; // WGSL extensions that it needs
}

/**
 * A fragment is a shader file in a pass: its arrays have tensors, and its overrides may have
 * values.
 */
export interface Fragment extends ShaderFile {
  readonly tensorNames?: Readonly<Record<string, string>>; // where they differ from the array's name
  readonly constants?: Readonly<Record<string, number>>;
  readonly strideName?: string; // name of the strides that lead through its array
}

/** A binding of a pass names its tensor, by which the executor finds it. */
export interface Binding {
  readonly tensorName: string;
  readonly binding: number;
  readonly type: BindingType;
  readonly strideName: string | undefined; // name of its binding range in a tile
}

/** A template stands for this array. */
export interface ShaderArray {
  readonly name: string;
  readonly binding: number;
  readonly strideName: string;
}

/** Joins file names, for labels and keys. */
export const fragmentNames = (fragments: readonly Fragment[]) =>
  fragments.map(({ name }) => name).join(", ");

/** Returns the template under an array's name. */
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
    arrays: arrays.map(([, , type]) => [name, binding, type]),
    overrides: overrides.map(named),
    tensorNames: { [name]: tensorName },
    constants: overrides.length > 0 ? { [`${name}_half`]: DTYPES[dtype].code } : {},
    ...(arrays.length > 0 && { strideName }),
  };
}

/** Lists the bindings of all arrays that the files declare. */
export const bindingsOf = (fragments: readonly Fragment[]): Binding[] =>
  fragments.flatMap(({ arrays = [], tensorNames, strideName }) =>
    arrays.map(([name, binding, type]) => {
      return { tensorName: tensorNames?.[name] ?? name, binding, type, strideName };
    }),
  );

/** These offsets lead through no array of their own. */
const OTHER_OFFSETS = ["ordinal", "statistics"];

/**
 * Lists the texts of the files, without the steps of offsets into arrays that no file has: they stay
 * 0. Compilers would remove them only after they have copied them to each place that makes a step.
 */
export function textsOf(fragments: readonly Fragment[]): string[] {
  const used = new Set([...OTHER_OFFSETS, ...fragments.map(({ strideName }) => strideName)]);
  const step = /\w+\.(\w+) ?\+ ?\w+ ?\* ?\w+\.\1(?=,)/g;
  return fragments.map(({ text }) =>
    text.replace(step, (sum, name) => (used.has(name) ? sum : "0u")),
  );
}

/**
 * Joins the files. The extensions are enabled on the first line, so that line numbers stay those of
 * the files.
 */
export function sourceOf(fragments: readonly Fragment[]): string {
  const features = new Set(fragments.flatMap(({ features = [] }) => features));
  const enabled = [...features].map((name) => `enable ${name}; `);
  return [...enabled, textsOf(fragments).join("\n")].join("");
}
