// `npm start`: four workers on a hub, then one machine with the whole batch, and what it would be
// without a common mean. It prints the losses and draws them.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { openContext } from "./context.js";
import { startHub } from "./hub.js";
import { alone, train } from "./network.js";
import { losses } from "./picture.js";

const [SIZE, STEPS] = [4, 60];

const hub = await startHub({ size: SIZE });
const workers = Array.from({ length: SIZE }, async (_, rank) => {
  const program = fileURLToPath(new URL("worker.js", import.meta.url));
  const args = [program, hub.url, String(rank), String(SIZE), String(STEPS)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"] });
  const ended = once(child, "exit");
  const lines = [];
  for await (const line of createInterface({ input: child.stdout })) lines.push(line);
  const [code] = await ended;
  if (code === 0) return lines;
  console.error(lines.at(-1) ?? `rank ${rank} ended with code ${code}`);
  process.exitCode = 1;
  return [];
});
const ranks = await Promise.all(workers);
if (process.exitCode) process.exit();
hub.close();
const [four = []] = ranks.map((lines) => lines.map(Number));

const context = await openContext();
const whole = [];
for await (const loss of train(context, alone, { steps: STEPS })) whole.push(loss);

const same = ranks.every((lines) => lines.join() === ranks[0]?.join());
const furthest = Math.max(...whole.map((loss, i) => Math.abs((four[i] ?? Number.NaN) / loss - 1)));
console.log(`step  one machine  four workers`);
for (const step of [0, 1, 2, 5, 10, 20, 40, STEPS - 1]) {
  const cells = [String(step), whole[step]?.toFixed(9), four[step]?.toFixed(9)];
  console.log(cells.map((cell, i) => (cell ?? "").padStart([4, 12, 13][i] ?? 0)).join(" "));
}
console.log(
  `the ranks have ${same ? "the same bits" : "other bits"}; beside one machine ${furthest}`,
);
writeFileSync("losses.svg", losses(whole, four));
process.exit(same && furthest < 5e-6 ? 0 : 1);
