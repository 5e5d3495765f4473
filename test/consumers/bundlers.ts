// The bundlers build a page as their users do: with their defaults, minified, for browsers of today.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import terser from "@rollup/plugin-terser";
import * as esbuild from "esbuild";
import { rollup } from "rollup";
import * as vite from "vite";
import webpack from "webpack";

const TARGET = "es2022";

/** The entry of the page, or the page where the bundler starts from that. */
interface Build {
  readonly project: string;
  readonly entry: string;
  readonly html: string;
  readonly out: string;
}

type Bundler = (build: Build) => Promise<void>;

/** Those that start from a script name its bundle main.js; Vite and Parcel write a page of their own. */
export const BUNDLERS: Readonly<Record<string, Bundler>> = {
  esbuild: async ({ entry, out }) => {
    await esbuild.build({
      entryPoints: { main: entry },
      outdir: out,
      bundle: true,
      minify: true,
      splitting: true,
      format: "esm",
      target: TARGET,
    });
  },
  Vite: async ({ project, html, out }) => {
    await vite.build({
      root: project,
      base: "./",
      configFile: false,
      logLevel: "error",
      build: {
        outDir: out,
        target: TARGET,
        modulePreload: { polyfill: false },
        rolldownOptions: { input: html },
      },
    });
  },
  Rollup: async ({ entry, out }) => {
    const bundle = await rollup({ input: { main: entry }, plugins: [nodeResolve()] });
    await bundle.write({ dir: out, format: "es", plugins: [terser({ module: true })] });
    await bundle.close();
  },
  webpack: ({ project, entry, out }) =>
    new Promise((resolve, reject) => {
      const compiler = webpack({
        mode: "production",
        context: project,
        entry: { main: entry },
        output: { path: out, filename: "[name].js" },
        performance: { hints: false },
      });
      compiler.run((error, stats) => {
        const failed = error ?? (stats?.hasErrors() || stats?.hasWarnings());
        if (failed) reject(error ?? new Error(stats?.toString()));
        else compiler.close(() => resolve());
      });
    }),
  Parcel: async ({ project, html, out }) => {
    const cli = fileURLToPath(new URL("node_modules/parcel/lib/bin.js", import.meta.url));
    const places = ["--dist-dir", out, "--cache-dir", join(project, ".parcel-cache")];
    const args = [cli, "build", html, ...places, "--no-source-maps", "--public-url", "./"];
    const options = { cwd: project, encoding: "utf8" } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, args, options);
    if (status !== 0) throw new Error(stdout + stderr);
  },
};
