// A server and workers as processes, for programs that show or measure the queue on one machine.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** @typedef {{ child: import("node:child_process").ChildProcess, line: string }} Started a process and the line that says it is ready */

/** @param {string} command @param {string[]} args @param {NodeJS.ProcessEnv} env @param {RegExp} ready @returns {Promise<Started>} */
async function started(command, args, env, ready) {
  const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "ignore"] });
  const failed = once(child, "exit").then(() => {
    throw new Error(`${command} ${args.join(" ")} does not start here`);
  });
  failed.catch(() => {}); // later it may end
  const lines = createInterface({ input: child.stdout });
  const seen = (async () => {
    for await (const line of lines) if (ready.test(line)) return line;
    throw new Error(`${command} ended`);
  })();
  seen.catch(() => {}); // the other one says more
  const line = await Promise.race([failed, seen]);
  return { child, line };
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  server.close();
  return String(port);
}

/** Starts a Redis or a Valkey that keeps nothing. @param {string} program */
export async function startServer(program) {
  const port = await freePort();
  const quiet = ["--save", "", "--appendonly", "no", "--bind", "127.0.0.1"];
  const server = await started(program, ["--port", port, ...quiet], process.env, /ready to acc/i);
  return { ...server, redis: `redis://127.0.0.1:${port}` };
}

/** @param {string} redis @param {string} name @param {string[]} args @param {NodeJS.ProcessEnv} [env] */
export function startWorker(redis, name, args, env = process.env) {
  const program = fileURLToPath(new URL("worker.js", import.meta.url));
  const all = [program, "--redis", redis, "--name", name, ...args];
  return started(process.execPath, all, env, /: ready, /);
}
