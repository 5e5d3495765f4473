// Two screenshots are compared by a page, which can decode them.

import type { Page } from "playwright";

/** A channel that differs by more than this is another one to the eye. */
const FAR = 64;

/** Returns the mean difference of the channels, and the share of those that are far off. */
export async function differenceOf(
  page: Page,
  a: Buffer,
  b: Buffer,
): Promise<{ mean: number; share: number }> {
  const urls = [a, b].map((png) => `data:image/png;base64,${png.toString("base64")}`);
  return page.evaluate(
    async ([sources, far]) => {
      const [first, second] = await Promise.all(
        sources.map(async (src) => {
          const image = new Image();
          image.src = src;
          await image.decode();
          const { width, height } = image;
          const g = new OffscreenCanvas(width, height).getContext("2d");
          if (!g) throw new Error("no 2D canvas");
          g.drawImage(image, 0, 0);
          return g.getImageData(0, 0, width, height);
        }),
      );
      if (first.width !== second.width || first.height !== second.height) {
        throw new Error("the screenshots differ in size");
      }
      let [sum, count] = [0, 0];
      for (const [i, value] of first.data.entries()) {
        const difference = Math.abs(value - second.data[i]);
        sum += difference;
        if (difference > far) count++;
      }
      return { mean: sum / first.data.length, share: count / first.data.length };
    },
    [urls, FAR] as const,
  );
}
