// A sample dataset for a first look: 4,096 images of three channels, u8, in a Zarr array.

import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import FileSystemStore from "@zarrita/storage/fs";
import * as zarr from "zarrita";

const [IMAGES, CHUNK, SAMPLE] = [4096, 32, [64, 64, 3]];

/** Makes the dataset unless it is there, and returns its path. */
export async function sampleDataset(path = join(tmpdir(), "webgpu-norm-sample.zarr")) {
  if (existsSync(join(path, "zarr.json"))) return path;
  const store = new FileSystemStore(path);
  const array = await zarr.create(store, {
    shape: [IMAGES, ...SAMPLE],
    chunkShape: [CHUNK, ...SAMPLE],
    dtype: "uint8",
    codecs: [],
  });
  for (let from = 0; from < IMAGES; from += CHUNK) {
    const data = Uint8Array.from({ length: CHUNK * 64 * 64 * 3 }, (_, i) => {
      const [x, channel] = [(i / 3) & 63, i % 3];
      return 60 + 50 * channel + x + ((i * 2654435761) >>> 27) + (from >> 8);
    });
    const chunk = { data, shape: [CHUNK, ...SAMPLE], stride: [64 * 64 * 3, 64 * 3, 3, 1] };
    await zarr.set(array, [zarr.slice(from, from + CHUNK), null, null, null], chunk);
  }
  return path;
}
