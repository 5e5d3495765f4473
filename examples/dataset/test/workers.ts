// A Redis or Valkey of the test's own, and workers as processes, each with its driver.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { has } from "../../../scripts/lib/install.mjs";
import { driverFiles } from "../../../scripts/lib/mesa.mjs";
import { swiftshader, vulkan } from "../../../scripts/lib/vulkan.mjs";

export const program = (name: string) =>
  fileURLToPath(new URL(`../src/${name}.js`, import.meta.url));

export const redisServer = ["redis-server", "valkey-server"].find(has);

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export async function startRedis() {
  const port = await freePort();
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
  const server = spawn(redisServer as string, args, { stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: server.stdout })) {
    if (/ready to accept connections/i.test(line)) break;
  }
  return { url: `redis://127.0.0.1:${port}`, stop: () => server.kill() };
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
