// A call is an operation's name, a shape, and options as words: normalizedShape=768 weight=true.

import * as library from "../../src/index";

/** These options are taken where an operation needs them and they are not given. */
const DEFAULTS: Readonly<Record<string, (shape: readonly number[]) => object>> = {
  layerNorm: (shape) => ({ normalizedShape: shape.slice(-1), weight: true, bias: true }),
  layerNormBackward: (shape) => ({ normalizedShape: shape.slice(-1), weight: true, x: true }),
  rmsNorm: (shape) => ({ axes: [-1], weight: { shape: shape.slice(-1) } }),
  rmsNormBackward: () => ({ axes: [-1], x: true }),
  batchNorm: () => ({ training: true, weight: true, bias: true }),
  batchNormBackward: () => ({ training: true, weight: true, x: true }),
  groupNorm: () => ({ groups: 32, weight: true, bias: true }),
  groupNormBackward: () => ({ groups: 32, weight: true, x: true }),
  instanceNormBackward: () => ({ x: true }),
  standardize: () => ({ axes: [-1] }),
  standardizeBackward: () => ({ axes: [-1], x: true }),
};

/** Reads "4096,768" as a list of sizes. */
export function shapeOf(text: string): number[] {
  const sizes = text.split(/[,x]/).map(Number);
  if (sizes.every((n) => Number.isInteger(n) && n >= 0)) return sizes;
  throw new Error(`shape ${text}, expected sizes such as 4096,768`);
}

/** Reads a value: JSON, a list of numbers, or else the word itself. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const list = text.split(",").map(Number);
    return list.length > 1 && list.every(Number.isFinite) ? list : text;
  }
}

function optionsOf(words: readonly string[]): Record<string, unknown> {
  const entries = words.map((word) => {
    const at = word.indexOf("=");
    if (at < 1) throw new Error(`option ${word}, expected name=value`);
    return [word.slice(0, at), parsed(word.slice(at + 1))] as const;
  });
  return Object.fromEntries(entries);
}

export interface NamedCall {
  readonly name: string;
  readonly operation: never;
  readonly args: Record<string, unknown> & { shape: readonly number[] };
}

/** Lists the operations that can be planned. */
export const operations = (): string[] =>
  Object.entries(library)
    .filter(([, value]) => typeof value === "function" && "definition" in value)
    .map(([name]) => name)
    .toSorted();

/** Other libraries write layer_norm or LayerNorm. */
function remedyFor(given: string, names: readonly string[]): string {
  const plain = (name: string) => name.replace(/[^a-z0-9]/gi, "").toLowerCase();
  const meant = names.find((name) => plain(name) === plain(given));
  return meant ? `is it ${meant}?` : `these are: ${names.join(", ")}`;
}

/** Operations of several steps have no plan of their own. */
function failName(name: string, names: readonly string[]): never {
  if (name in library) throw new Error(`${name} has no plan, expected one of ${names.join(", ")}`);
  throw new Error(`${name} is no operation; ${remedyFor(name, names)}`);
}

export function callOf(
  name: string,
  shape: string,
  dtype: string,
  words: readonly string[],
): NamedCall {
  const names = operations();
  if (!names.includes(name)) failName(name, names);
  const operation = (library as Readonly<Record<string, unknown>>)[name];
  const sizes = shapeOf(shape);
  const given = optionsOf(words);
  const defaults = Object.keys(given).some((key) => key === "normalizedShape" || key === "axes")
    ? {}
    : DEFAULTS[name]?.(sizes);
  return {
    name,
    operation: operation as never,
    args: { shape: sizes, inputType: dtype, ...defaults, ...given },
  };
}
