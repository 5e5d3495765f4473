// Files have an identity: their sizes, and when they were written.

import { stat } from "node:fs/promises";

/** @param {readonly string[]} paths */
export async function identityOf(paths) {
  const stats = await Promise.all(paths.map((path) => stat(path)));
  return stats.map(({ size, mtimeMs }) => `${size} ${Math.floor(mtimeMs)}`).join();
}
