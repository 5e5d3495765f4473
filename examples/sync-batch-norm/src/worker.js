// A worker is one rank: node src/worker.js HUB RANK SIZE STEPS [TIMEOUT]. It prints a loss a line, or
// the reason why a step failed.

import { WebSocket } from "ws";
import { openContext } from "./context.js";
import { addressOf, hubGroup } from "./hub_group.js";
import { train } from "./network.js";

const [hub = "", rank = "0", size = "1", steps = "20", timeout = "30000"] = process.argv.slice(2);
try {
  const socket = new WebSocket(addressOf(hub, Number(rank), Number(size)));
  const group = hubGroup(socket, Number(rank), Number(size));
  const context = await openContext();
  const options = { steps: Number(steps), timeout: Number(timeout) };
  for await (const loss of train(context, group, options)) console.log(loss);
  process.exit(0); // Dawn's threads would keep the process
} catch (error) {
  console.log(`rank ${rank}: ${/** @type {Error} */ (error).message}`);
  process.exit(1);
}
