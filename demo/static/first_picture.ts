// The sheet of the page's first state as HTML: a box for each set of whole pictures, with its pictures
// in it. Where they lie is up to first_picture.css, which has the rules of sheet/layout.ts.

import type { Chosen } from "../sharing/facts";
import { cssColour } from "../sheet/colours";
import { pilesOf } from "../sheet/model";
import { FEATURE_MAPS } from "../sources/feature_maps";

/** Writes the sets one after the other. Each has to be whole pictures side by side. */
export function firstPicture({ shape, partition }: Chosen): string {
  const [, columns] = shape;
  const { of } = pilesOf(shape, partition);
  const boxes: string[] = [];
  for (const [i, pile] of of.entries()) {
    const [row, column] = [Math.floor(i / columns), i % columns];
    const name = row === 0 ? `<b>${FEATURE_MAPS[column]?.name}</b>` : "";
    const picture = `<i style="--c:${column};--r:${row}">${name}</i>`;
    if (pile === boxes.length) boxes.push(picture);
    else if (pile === boxes.length - 1) boxes[pile] += picture;
    else throw new Error("first_picture: the pictures of a set do not lie side by side");
  }
  const colour = (pile: number) => `style="outline-color:${cssColour(pile)}"`;
  const sheet = boxes.map((pictures, pile) => `<span ${colour(pile)}>${pictures}</span>`);
  return `<em>channels →</em><u>← examples</u>${sheet.join("")}`;
}
