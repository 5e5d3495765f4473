// Files have an identity: their sizes, and when they were written. A dataset whose files change while
// it is measured would be a mixture.

import { stat } from "node:fs/promises";

async function stampOf(/** @type {string} */ file) {
  const { size, mtimeMs } = await stat(file);
  return `${size} ${Math.floor(mtimeMs)}`;
}

/**
 * Adds the identity, and makes each reading reject once its files are others than at the opening.
 *
 * @param {import("./types.d.ts").Opened} opened
 * @returns {Promise<import("./types.d.ts").Dataset>}
 */
export async function identified({ about, filesOf, read, ...facts }) {
  /** @type {Map<string, string>} */
  const stamps = new Map();
  for (const file of filesOf([0, facts.length])) stamps.set(file, await stampOf(file));
  return {
    ...facts,
    identity: `${about} ${[...stamps.values()]}`,
    read: async (range) => {
      const values = await read(range);
      for (const file of filesOf(range)) {
        if ((await stampOf(file)) === stamps.get(file)) continue;
        throw new Error(`${file}: has changed since it was opened; run the command again`);
      }
      return values;
    },
  };
}
