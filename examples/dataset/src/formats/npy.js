// NPY: one array after a header. Its samples lie along the first axis.

import { open } from "node:fs/promises";
import { npyHeader } from "webgpu-norm-cli/files";

/** @typedef {import("../types.d.ts").DType} DType */
/** @typedef {import("../types.d.ts").Values} Values */
/** @typedef {Values | Float64Array | Int16Array | Int32Array | Uint32Array} StoredValues */
/** @typedef {{ new (bytes: ArrayBuffer): StoredValues, readonly BYTES_PER_ELEMENT: number }} ArrayType */
/** @typedef {{ dtype: DType, array: ArrayType }} StoredType */

/**
 * By NPY's names of types what the GPU reads them as, and the array of their bytes. Others than these
 * of the GPU become f32, rounded.
 *
 * @type {Readonly<Record<string, StoredType>>}
 */
const TYPES = {
  f4: { dtype: "f32", array: Float32Array },
  f2: { dtype: "f16", array: Uint16Array },
  u1: { dtype: "u8", array: Uint8Array },
  i1: { dtype: "i8", array: Int8Array },
  u2: { dtype: "u16", array: Uint16Array },
  f8: { dtype: "f32", array: Float64Array },
  i2: { dtype: "f32", array: Int16Array },
  i4: { dtype: "f32", array: Int32Array },
  u4: { dtype: "f32", array: Uint32Array },
};

/**
 * @param {Buffer} bytes
 * @param {string} name
 */
export function headerOf(bytes, name) {
  const { start, shape, type } = npyHeader(name, bytes);
  return { start, shape, .../** @type {StoredType} */ (TYPES[type]) };
}

/**
 * Makes values of bytes that begin anywhere.
 *
 * @param {Buffer} bytes
 * @param {StoredType} type
 * @returns {Values}
 */
export function valuesOf(bytes, { dtype, array }) {
  const own = new array(new Uint8Array(bytes).buffer);
  const isRounded = dtype === "f32" && !(own instanceof Float32Array);
  return isRounded ? Float32Array.from(own) : /** @type {Values} */ (own);
}

/**
 * @param {import("../types.d.ts").Source} source
 * @returns {Promise<import("../types.d.ts").Opened>}
 */
export async function openNpy({ path }) {
  const head = await bytesOf(path, 0, 65_536, false);
  const header = headerOf(head, path);
  const { start, shape, dtype, array } = header;
  const [length = 1, ...sample] = shape;
  const unitBytes = sample.reduce((a, b) => a * b, array.BYTES_PER_ELEMENT);
  return {
    ...{ unit: "sample", length, unitBytes, step: 1, sample, dtype },
    about: head.subarray(0, start).toString("latin1"),
    filesOf: () => [path],
    read: async ([first, last]) => {
      const bytes = await bytesOf(path, start + first * unitBytes, (last - first) * unitBytes);
      return valuesOf(bytes, header);
    },
  };
}

/** @param {string} path @param {number} from @param {number} size */
async function bytesOf(path, from, size, all = true) {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size), 0, size, from);
    if (all && bytesRead < size) {
      throw new Error(`${path}: ends at byte ${from + bytesRead}, expected ${from + size}`);
    }
    return buffer;
  } finally {
    await file.close();
  }
}
