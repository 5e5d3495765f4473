// A thread measures the blocks that it is sent.

import { parentPort, workerData } from "node:worker_threads";
import { measureBlock, openDevice } from "./measure.js";

const port = /** @type {import("node:worker_threads").MessagePort} */ (parentPort);
const device = await openDevice(workerData.device);
port.postMessage({ ready: true });
port.on("message", async (block) => {
  try {
    port.postMessage({ result: await measureBlock(device, workerData, block) });
  } catch (error) {
    port.postMessage({ error: String(/** @type {Error} */ (error).message) });
  }
});
