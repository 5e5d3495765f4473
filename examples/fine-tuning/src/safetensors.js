// The file format of safetensors: the length of a header (u64), the header in JSON, the bytes of all
// arrays, little-endian. Source: https://github.com/huggingface/safetensors, "Format".

/** @typedef {{ shape: readonly number[], data: Float32Array }} Entry */
/** @typedef {Record<string, Entry>} State a state dictionary, by PyTorch's names */

/** @param {string} name @param {string} given @param {string} expected @returns {never} */
const refuse = (name, given, expected) => {
  throw new Error(`safetensors: ${name} ${given}, expected ${expected}`);
};

/** @param {string} text */
function headerOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return refuse("the file", "has a header that is no JSON", "that of a safetensors file");
  }
}

/** Reads the arrays of a file, which have to be F32. @param {ArrayBuffer} file @returns {State} */
export function readSafetensors(file) {
  const length =
    file.byteLength < 8 ? Number.NaN : Number(new DataView(file).getBigUint64(0, true));
  if (!(8 + length <= file.byteLength)) {
    refuse("the file", `has ${file.byteLength} bytes`, "a header and its arrays");
  }
  const text = new TextDecoder().decode(new Uint8Array(file, 8, length));
  const { __metadata__, ...entries } = headerOf(text);
  return Object.fromEntries(
    Object.entries(entries).map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [from, to],
        },
      ]) => {
        if (dtype !== "F32") refuse(name, `is ${dtype}`, "F32: save what .float() returns");
        const size = shape.reduce((/** @type {number} */ a, /** @type {number} */ b) => a * b, 1);
        const bytes = file.slice(8 + length + from, 8 + length + to);
        if (bytes.byteLength !== 4 * size) {
          refuse(
            name,
            `has ${bytes.byteLength} bytes`,
            `${4 * size} for shape [${shape.join(", ")}]`,
          );
        }
        return [name, { shape, data: new Float32Array(bytes) }];
      },
    ),
  );
}

/** Makes the bytes of a file. @param {State} state @returns {Uint8Array<ArrayBuffer>} */
export function writeSafetensors(state) {
  /** @type {Record<string, object>} */
  const header = { __metadata__: { format: "pt" } };
  let end = 0;
  for (const [name, { shape, data }] of Object.entries(state)) {
    header[name] = { dtype: "F32", shape, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(text.length / 8) * 8; // the arrays are aligned
  const file = new Uint8Array(8 + length + end).fill(0x20, 8, 8 + length);
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
  file.set(text, 8);
  let at = 8 + length;
  for (const { data } of Object.values(state)) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}
