// These programs run the built package in a page, a module worker and a service worker under a
// strict Content-Security-Policy: a norm, its backward and tuning. They report by themselves.

import { readFileSync } from "node:fs";
import { join, normalize } from "node:path";
import { html } from "../../scripts/lib/pages.mjs";

const POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'";

/** What a program reports. */
export interface Report {
  readonly where: string;
  readonly y: number[];
  readonly dx: number[];
  readonly tuned: number;
  readonly error?: string;
}

const program = (entry: string) => `
  import { createContext, layerNorm, layerNormBackward, mean, tune } from "/dist/${entry}";
  const options = { normalizedShape: [4], eps: 0 };
  async function run() {
    const ctx = await createContext();
    const x = ctx.tensor(Float32Array.of(1, 2, 3, 4), [1, 4]);
    const dy = ctx.tensor(Float32Array.of(1, 0, 0, 0), [1, 4]);
    const y = await layerNorm(x, options).read();
    const dx = await layerNormBackward(dy, { ...options, x }).dx.read();
    const tuned = await tune(ctx, [[mean, { shape: [6, 40], axes: [1] }]]); // its kernels compile fast
    return { where: globalThis.constructor.name, y: [...y], dx: [...dx], tuned: tuned.length };
  }
  const send = (report) => fetch("/report", { method: "POST", body: JSON.stringify(report) });
  globalThis.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
    send({ error: violatedDirective + " " + blockedURI }));
  export const report = () => run().catch((error) => ({ error: String(error) })).then(send);`;

const module = (body: string) => ({ type: "text/javascript", body });
const page = (script: string) => html(`<script type="module" src="/${script}.js"></script>`);
const runs = 'import { report } from "./program.js";';

/** Each kind of place has an address. The minified package is in one file, for places without import(). */
export const PLACES = ["page", "worker", "service_worker"] as const;
export type Place = (typeof PLACES)[number];

/** Serves the programs and the package in a folder; "min" or "index" is its entry. */
export function programs(dist: string, entry: "index.js" | "webgpu-norm.min.js") {
  const files: Record<string, { type: string; body: string }> = {
    "/page": page("page"),
    "/worker": page("start_worker"),
    "/service_worker": page("start_service"),
    "/program.js": module(program(entry)),
    "/page.js": module(`${runs} report();`),
    "/start_worker.js": module('new Worker("/page.js", { type: "module" });'),
    "/start_service.js": module(
      'navigator.serviceWorker.register("/service.js", { type: "module" });',
    ),
    "/service.js": module(`${runs} addEventListener("install", (e) => e.waitUntil(report()));`),
  };
  return (path: string) => {
    const found = path.startsWith("/dist/")
      ? module(readFileSync(join(dist, normalize(path.slice(6))), "utf8"))
      : files[path];
    return found && { ...found, headers: { "content-security-policy": POLICY } };
  };
}
