// Photographs are squares: the six of the page, or the visitor's own (own_photographs.ts).

import astronaut from "../photographs/astronaut.webp";
import cat from "../photographs/cat.webp";
import coffee from "../photographs/coffee.webp";
import galaxies from "../photographs/galaxies.webp";
import retina from "../photographs/retina.webp";
import rocket from "../photographs/rocket.webp";

export interface Photograph {
  readonly name: string;
  readonly image: CanvasImageSource;
}

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
