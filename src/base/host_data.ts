// This file converts the caller's numbers to their storage type.

import { type BitArray, type DType, encodeHalf, isBits, isNarrow } from "./dtype";
import { fail, show } from "./errors";

/** Returns the data as it is stored. */
export function toStorage(data: unknown, dtype: DType): Float32Array | BitArray {
  if (isBits(data, dtype)) return padded(data);
  if (data instanceof Uint16Array) {
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
function padded(bits: BitArray): BitArray {
  const aWord = 4 / bits.BYTES_PER_ELEMENT;
  if (bits.length % aWord === 0) return bits;
  const words = bits.constructor as new (length: number) => BitArray;
  const all = new words(aWord * Math.ceil(bits.length / aWord));
  all.set(bits);
  return all;
}
