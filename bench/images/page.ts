// This page measures the way from an ImageBitmap to a normalized tensor on the GPU, beside what
// transformers.js's processor computes and onnxruntime-web's Tensor.fromImage; and the upload of u8
// with a norm beside the upload of f32 alone.

import { DTYPES } from "../../src/base/dtype";
import { createContext, instanceNorm, normalizeImage } from "../../src/index";

const MEAN = [0.485, 0.456, 0.406];
const STD = [0.229, 0.224, 0.225];
const ROUNDS = 9;

type FromImage = (bitmap: ImageBitmap, mean: number[], std: number[]) => Promise<Float32Array>;

export interface ImageRow {
  readonly size: string;
  readonly way: string;
  readonly ms: number;
  /** Largest difference from float64, as stored. */
  readonly error?: number | undefined;
}

export interface ImageReport {
  readonly adapter: string;
  readonly rows: readonly ImageRow[];
}

const ctx = await createContext();
const done = () => ctx.device.queue.onSubmittedWorkDone();

/** A picture with colours of all sizes. */
async function picture(side: number): Promise<{ bitmap: ImageBitmap; bytes: Uint8ClampedArray }> {
  const data = new ImageData(side, side);
  for (let i = 0; i < data.data.length; i++) {
    data.data[i] = i % 4 === 3 ? 255 : (i * 2654435761) >>> 24;
  }
  return { bitmap: await createImageBitmap(data), bytes: data.data };
}

function float64(bytes: Uint8ClampedArray): Float64Array {
  const pixels = bytes.length / 4;
  const y = new Float64Array(3 * pixels);
  for (let i = 0; i < pixels; i++) {
    for (let c = 0; c < 3; c++) {
      y[c * pixels + i] = (bytes[4 * i + c] / 255 - MEAN[c]) / STD[c];
    }
  }
  return y;
}

/** The bytes of a bitmap, as a page gets them. */
function pixelsOf(bitmap: ImageBitmap): Uint8ClampedArray {
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  context?.drawImage(bitmap, 0, 0);
  return context?.getImageData(0, 0, width, height).data ?? new Uint8ClampedArray(0);
}

/** What transformers.js's image processor does, loop by loop. */
function processed(bitmap: ImageBitmap): Float32Array {
  const rgba = pixelsOf(bitmap);
  const pixels = rgba.length / 4;
  const rgb = new Uint8ClampedArray(3 * pixels); // RawImage.rgb
  for (let i = 0, offset = 0; i < rgba.length; i += 4) {
    rgb[offset++] = rgba[i];
    rgb[offset++] = rgba[i + 1];
    rgb[offset++] = rgba[i + 2];
  }
  const data = Float32Array.from(rgb);
  for (let i = 0; i < data.length; i++) data[i] *= 1 / 255; // rescale
  for (let i = 0; i < data.length; i += 3) {
    for (let j = 0; j < 3; j++) data[i + j] = (data[i + j] - MEAN[j]) / STD[j]; // normalize
  }
  const planes = new Float32Array(data.length); // permute(2, 0, 1)
  for (let i = 0; i < pixels; i++) {
    for (let c = 0; c < 3; c++) planes[c * pixels + i] = data[3 * i + c];
  }
  return planes;
}

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1];

interface Way {
  readonly name: string;
  run(): Promise<Float32Array | undefined>;
}

/** Times the ways in turns, after one turn whose results are compared. */
async function measured(
  size: string,
  ways: readonly Way[],
  expected?: Float64Array,
): Promise<ImageRow[]> {
  const rows = [];
  for (const way of ways) {
    const found = await way.run();
    const error =
      expected && found?.reduce((most, v, i) => Math.max(most, Math.abs(v - expected[i])), 0);
    rows.push({ way, times: [] as number[], error });
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const { way, times } of rows) {
      await done();
      const start = performance.now();
      await way.run();
      times.push(performance.now() - start);
    }
  }
  return rows.map(({ way, times, error }) => ({ size, way: way.name, ms: median(times), error }));
}

let reads = false; // in the turn before the first timed one alone

async function ofImages(side: number, fromImage: FromImage | undefined): Promise<ImageRow[]> {
  const { bitmap, bytes } = await picture(side);
  const shape = [1, 3, side, side];
  reads = true;
  const uploaded = async (values: Float32Array, dtype: "f16" | "f32") => {
    const y = ctx.tensor(values, shape, { dtype });
    await done();
    const found = reads ? await y.read() : undefined;
    y.destroy();
    return found;
  };
  const ways: Way[] = [
    {
      name: "normalizeImage, f16",
      run: async () => {
        const y = normalizeImage(bitmap, { context: ctx, preset: "imagenet", dtype: "f16" });
        await done();
        const found = reads ? await y.read() : undefined;
        y.destroy();
        return found;
      },
    },
    {
      name: "normalizeImage, f32",
      run: async () => {
        const y = normalizeImage(bitmap, { context: ctx, preset: "imagenet" });
        await done();
        const found = reads ? await y.read() : undefined;
        y.destroy();
        return found;
      },
    },
    {
      name: "the copy to a texture alone",
      run: async () => {
        const size = [side, side];
        const usage = 0x2 | 0x4 | 0x10; // COPY_DST, TEXTURE_BINDING, RENDER_ATTACHMENT
        const texture = ctx.device.createTexture({ size, format: "rgba8unorm", usage });
        ctx.device.queue.copyExternalImageToTexture({ source: bitmap }, { texture }, size);
        await done();
        texture.destroy();
        return undefined;
      },
    },
    { name: "transformers.js's arithmetic, f16", run: () => uploaded(processed(bitmap), "f16") },
    { name: "transformers.js's arithmetic, f32", run: () => uploaded(processed(bitmap), "f32") },
  ];
  if (fromImage) {
    ways.push({
      name: "ort.Tensor.fromImage, f32",
      run: async () => uploaded(await fromImage(bitmap, MEAN, STD), "f32"),
    });
  }
  const expected = float64(bytes);
  const first = await measured(`${side} x ${side}`, ways.map(onceRead), expected);
  return first;
}

/** The way reads its result the first time alone. */
function onceRead({ name, run }: Way): Way {
  let first = true;
  return {
    name,
    run: () => {
      reads = first;
      first = false;
      return run();
    },
  };
}

async function ofUploads(): Promise<ImageRow[]> {
  const shape = [8, 3, 224, 224];
  const length = shape.reduce((a, b) => a * b, 1);
  const bytes = Uint8Array.from({ length }, (_, i) => (i * 2654435761) >>> 24);
  const floats = DTYPES.u8.decode(bytes);
  const ways: Way[] = [
    {
      name: "u8 upload and instanceNorm",
      run: async () => {
        const x = ctx.tensor(bytes, shape, { dtype: "u8" });
        const y = instanceNorm(x, { dtype: "f16" });
        await done();
        for (const one of [x, y]) one.destroy();
        return undefined;
      },
    },
    {
      name: "u8 upload alone",
      run: async () => {
        const x = ctx.tensor(bytes, shape, { dtype: "u8" });
        await done();
        x.destroy();
        return undefined;
      },
    },
    {
      name: "f32 upload alone",
      run: async () => {
        const x = ctx.tensor(floats, shape);
        await done();
        x.destroy();
        return undefined;
      },
    },
    {
      name: "f32 of the bytes, and its upload",
      run: async () => {
        const x = ctx.tensor(DTYPES.u8.decode(bytes), shape);
        await done();
        x.destroy();
        return undefined;
      },
    },
  ];
  return measured(`[${shape}]`, ways);
}

async function report(): Promise<ImageReport> {
  const url = "./ort_images.js";
  const ort = await import(/* @vite-ignore */ url).catch(() => undefined);
  const rows: ImageRow[] = [];
  for (const side of [224, 384, 1024]) rows.push(...(await ofImages(side, ort?.fromImage)));
  rows.push(...(await ofUploads()));
  return { adapter: ctx.profile.name, rows };
}

Reflect.set(globalThis, "imageReport", report);
