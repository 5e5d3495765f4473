// NPY, written piece by piece: numpy.load reads it.

import { once } from "node:events";
import { createWriteStream } from "node:fs";

/**
 * @param {string} path
 * @param {readonly number[]} shape
 */
export function npyWriter(path, shape) {
  const file = createWriteStream(path);
  const words = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(", ")},), }`;
  const header = `${words.padEnd(Math.ceil((words.length + 11) / 64) * 64 - 11)}\n`;
  const head = Buffer.alloc(10);
  head.write("\x93NUMPY\x01\x00", "latin1");
  head.writeUInt16LE(header.length, 8);
  file.write(Buffer.concat([head, Buffer.from(header, "latin1")]));
  return {
    write: async (/** @type {ArrayBufferView} */ { buffer, byteOffset, byteLength }) => {
      const bytes = Buffer.from(/** @type {ArrayBuffer} */ (buffer), byteOffset, byteLength);
      if (!file.write(bytes)) await once(file, "drain");
    },
    close: async () => {
      file.end();
      await once(file, "finish");
    },
  };
}
