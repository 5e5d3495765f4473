// A Redis or a Valkey of the test's own, and workers as processes, each with its driver.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe } from "vitest";
import { has } from "../../../scripts/lib/install.mjs";
import { driverFiles } from "../../../scripts/lib/mesa.mjs";
import { swiftshader, vulkan } from "../../../scripts/lib/vulkan.mjs";

export const program = (name: string) =>
  fileURLToPath(new URL(`../src/${name}.js`, import.meta.url));

/** Those that a queue can be on. */
export const SERVERS = ["redis-server", "valkey-server"] as const;
export type Server = (typeof SERVERS)[number];

/** Runs tests on a server, or skips them with the reason in their names. */
export function describeOn(server: Server, tests: (server: Server) => void): void {
  if (has(server)) describe(server, () => tests(server));
  else describe.skip(`${server} (skipped: it is not here)`, () => tests(server));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const VOLATILE = ["--save", "", "--appendonly", "no"];

/** A server of the test's own; with a port it takes the place of one that has ended. */
export async function startServer(server: Server, args: readonly string[] = VOLATILE, port = 0) {
  const own = port || (await freePort());
  const all = ["--port", String(own), "--bind", "127.0.0.1", ...args];
  const child = spawn(server, all, { stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: child.stdout })) {
    if (/ready to accept connections/i.test(line)) break;
  }
  const kill = async () => {
    child.kill("SIGKILL");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  };
  return { url: `redis://127.0.0.1:${own}`, port: own, kill };
}

export type Driver = "swiftshader" | "lavapipe" | "any";

export const hasLavapipe = driverFiles("lvp").length > 0;

export async function environment(driver: Driver): Promise<NodeJS.ProcessEnv> {
  const env = await vulkan();
  if (driver === "swiftshader") return { ...env, ...(await swiftshader()) };
  return driver === "lavapipe" ? { ...env, VK_ICD_FILENAMES: driverFiles("lvp")[0] } : env;
}

/** Resolves when the worker is at work; `adapter` is what it says that it measures with. */
export async function startWorker(
  redis: string,
  name: string,
  { driver = "any", args = [] }: { driver?: Driver; args?: string[] } = {},
): Promise<{ process: ChildProcess; adapter: string }> {
  const own = [program("worker"), "--redis", redis, "--name", name, ...args];
  const child = spawn(process.execPath, own, {
    env: await environment(driver),
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const [, adapter] = /: ready, (.*)$/.exec(line) ?? [];
    if (adapter) return { process: child, adapter };
  }
  throw new Error(`worker ${name} ended before it was ready`);
}
