// A worker is one rank: node src/worker.js HUB RANK SIZE STEPS [TIMEOUT]. It prints a loss a line, or
// the reason why a step failed.

import { once } from "node:events";
import { WebSocket } from "ws";
import { openContext } from "./context.js";
import { hubGroup } from "./hub_group.js";
import { train } from "./network.js";

const [hub = "", rank = "0", size = "1", steps = "20", timeout = "30000"] = process.argv.slice(2);
const socket = new WebSocket(`${hub}/?rank=${rank}`);
const context = await openContext(); // before others wait for this rank
if (socket.readyState !== WebSocket.OPEN) await once(socket, "open");
const group = hubGroup(socket, Number(rank), Number(size));
try {
  const options = { steps: Number(steps), timeout: Number(timeout) };
  for await (const loss of train(context, group, options)) console.log(loss);
  process.exit(0); // Dawn's threads would keep the process
} catch (error) {
  console.log(`rank ${rank}: ${/** @type {Error} */ (error).message}`);
  process.exit(1);
}
