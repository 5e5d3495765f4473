// The visitor's own photographs, as squares of 256 pixels. A file is decoded to the size that is needed,
// and its full size is given back at once.

import type { Photograph } from "./photographs";
import { EXAMPLES } from "./shapes";

const SIDE = 256;

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
  const size = { resizeWidth: SIDE, resizeHeight: SIDE };
  const quality = { resizeQuality: "high" } as const;
  const scaled = await createImageBitmap(whole, left, top, side, side, { ...size, ...quality });
  whole.close();
  return scaled;
}
