// Photographs as squares of 256 pixels: the six of the page, or the visitor's own. A file is decoded
// to the size that is needed, and its full size is given back at once.

import astronaut from "../photographs/astronaut.webp";
import cat from "../photographs/cat.webp";
import coffee from "../photographs/coffee.webp";
import galaxies from "../photographs/galaxies.webp";
import retina from "../photographs/retina.webp";
import rocket from "../photographs/rocket.webp";
import { EXAMPLES } from "./shapes";

export interface Photograph {
  readonly name: string;
  readonly image: CanvasImageSource;
}

const PHOTOGRAPH_SIDE = 256;

const SAMPLES = [
  ["cat", cat],
  ["coffee", coffee],
  ["rocket", rocket],
  ["retina", retina],
  ["astronaut", astronaut],
  ["galaxies", galaxies],
] as const;

/** Loads the pictures of the page as elements, which also works from a file. */
export function loadSamples(): Promise<Photograph[]> {
  return Promise.all(
    SAMPLES.map(async ([name, url]) => {
      const image = new Image();
      image.src = url;
      await image.decode();
      return { name, image };
    }),
  );
}

export interface OwnFiles {
  readonly photographs: readonly Photograph[];
  /** What the visitor should know: unreadable files, and those that are left out. */
  readonly complaint: string;
}

export async function loadFiles(files: readonly File[]): Promise<OwnFiles> {
  const photographs: Photograph[] = [];
  const unreadable: string[] = [];
  let seen = 0;
  for (const file of files) {
    if (photographs.length === EXAMPLES) break;
    seen++;
    const image = await square(file).catch(() => undefined);
    if (image) photographs.push({ name: file.name, image });
    else unreadable.push(file.name);
  }
  const rest = files.length - seen;
  const complaint = [
    unreadable.length > 0 ? `Not readable here: ${listed(unreadable)}.` : "",
    rest > 0 ? `${rest} more were left out: the page shows ${EXAMPLES}.` : "",
  ];
  return { photographs, complaint: complaint.filter(Boolean).join(" ") };
}

const MOST_NAMES = 3;

const listed = (names: readonly string[]): string => {
  const rest = names.length - MOST_NAMES;
  return names.slice(0, MOST_NAMES).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
};

/** The largest central square, scaled. */
async function square(file: File): Promise<ImageBitmap> {
  const whole = await createImageBitmap(file);
  const { width, height } = whole;
  const side = Math.min(width, height);
  const [left, top] = [(width - side) >> 1, (height - side) >> 1];
  const size = { resizeWidth: PHOTOGRAPH_SIDE, resizeHeight: PHOTOGRAPH_SIDE };
  const quality = { resizeQuality: "high" } as const;
  const scaled = await createImageBitmap(whole, left, top, side, side, { ...size, ...quality });
  whole.close();
  return scaled;
}

/** Returns RGBA bytes of a photograph at another size. */
export function pixelsOf({ image }: Photograph, side: number): Uint8ClampedArray {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: side, height: side });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("no 2D canvas in this browser");
  context.imageSmoothingQuality = "high";
  context.drawImage(image, 0, 0, side, side);
  return context.getImageData(0, 0, side, side).data;
}
