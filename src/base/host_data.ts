// This file converts the caller's numbers to their storage type.

import { type DType, encodeHalf, isNarrow } from "./dtype";
import { fail, show } from "./errors";

/** Returns the data as it is stored. */
export function toStorage(data: unknown, dtype: DType): Float32Array | Uint16Array {
  if (data instanceof Uint16Array) {
    if (isNarrow(dtype)) return padded(data);
    fail("tensor", "data is a Uint16Array with dtype f32, expected dtype f16 or bf16");
  }
  const floats = data instanceof Float32Array;
  if (!floats && !(Array.isArray(data) && data.every((value) => typeof value === "number"))) {
    fail("tensor", `data ${show(data)}, expected a Float32Array or an array of numbers`);
  }
  const values = floats ? data : Float32Array.from(data as number[]);
  return isNarrow(dtype) ? padded(encodeHalf(values, dtype)) : values;
}

/** Pads to whole words, since WebGPU writes nothing smaller. */
function padded(bits: Uint16Array): Uint16Array {
  if (bits.length % 2 === 0) return bits;
  const words = new Uint16Array(bits.length + 1);
  words.set(bits);
  return words;
}
