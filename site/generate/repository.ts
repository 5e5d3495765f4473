// Reads files of the repository by their paths in it.

import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

export const inRepository = (path: string): string => join(root, path);
export const textOf = (path: string): string => readFileSync(inRepository(path), "utf8");
export const exists = (path: string): boolean => existsSync(inRepository(path));
export const isFolder = (path: string): boolean =>
  exists(path) && statSync(inRepository(path)).isDirectory();
