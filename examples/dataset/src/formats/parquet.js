// Parquet, by hyparquet: columns of numbers, which become rows of f32. Blocks are whole row groups.

import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from "hyparquet";

const NUMBERS = ["INT32", "INT64", "FLOAT", "DOUBLE"];

/**
 * @param {import("../types.d.ts").Source} source
 * @returns {Promise<import("../types.d.ts").Opened>}
 */
export async function openParquet({ path, columns }) {
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file);
  const numbers = metadata.schema.flatMap(({ name, type, converted_type }) =>
    type && NUMBERS.includes(type) && !converted_type ? [name] : [],
  );
  const names = [...(columns ?? numbers)];
  const missing = names.find((name) => !numbers.includes(name));
  if (missing !== undefined || names.length === 0) {
    throw new Error(`${path}: column ${missing}, expected some of ${numbers.join(", ")}`);
  }
  return {
    ...{ unit: "row", length: Number(metadata.num_rows), sample: [names.length], dtype: "f32" },
    unitBytes: 4 * names.length,
    step: Number(metadata.row_groups[0]?.num_rows ?? 1),
    names,
    about: String(names),
    filesOf: () => [path],
    read: async ([rowStart, rowEnd]) => {
      const rows = await parquetReadObjects({ file, metadata, columns: names, rowStart, rowEnd });
      const values = new Float32Array(rows.length * names.length);
      rows.forEach((row, i) => {
        names.forEach((name, k) => {
          const value = row[name];
          if (value === null || value === undefined) {
            throw new Error(`${path}: row ${rowStart + i} has no ${name}, expected a number`);
          }
          values[i * names.length + k] = Number(value);
        });
      });
      return values;
    },
  };
}
