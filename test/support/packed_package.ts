// The package as npm packs it, unpacked where a user's project has it.

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { root } from "../../scripts/lib/browser.mjs";
import { npm } from "../../scripts/lib/install.mjs";
import { copyPackage } from "./built_package";

/** What npm says of a tarball. */
export interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

const BESIDE = ["package.json", "README.md", "CHANGELOG.md", "LICENSE", "cli/forward.mjs"];

/** Packs the library into a folder, without its scripts. */
export async function packInto(folder: string): Promise<Packed> {
  const stage = mkdtempSync(join(tmpdir(), "webgpu-norm-pack-"));
  try {
    for (const path of BESIDE) cpSync(join(root, path), join(stage, path));
    await copyPackage(join(stage, "dist"), "whole");
    return packed(stage, folder);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/** Packs what lies in a folder with a package.json. */
export function packed(source: string, into: string): Packed {
  const args = ["pack", "--ignore-scripts", "--json", "--pack-destination", into];
  const { status, stdout, stderr } = npm(source, args, "pipe");
  if (status !== 0) throw new Error(`npm pack failed: ${stderr}`);
  const found = JSON.parse(String(stdout));
  return (Array.isArray(found) ? found : Object.values(found))[0];
}

/** Unpacks a tarball as a package of the project. */
export function install(project: string, name: string, tarball: string): void {
  const folder = join(project, "node_modules", name);
  mkdirSync(folder, { recursive: true });
  execFileSync("tar", ["-xzf", tarball, "-C", folder, "--strip-components=1"]);
}

/** A folder with the packed library as its one dependency. */
export async function makeProject(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const project = mkdtempSync(join(tmpdir(), "webgpu-norm-project-"));
  const { filename } = await packInto(project);
  install(project, "webgpu-norm", join(project, filename));
  writeFiles(project, {
    "package.json": JSON.stringify({ private: true, type: "module" }),
    ...files,
  });
  return project;
}

export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}
