// This program tries the faults of one scenario, or of all, on Dawn's null backend, which validates
// as a browser does and takes no time to compute. It prints its results as JSON.
// test/runners/faults.mjs bundles and runs it.

import { globals } from "webgpu";
import { SCENARIOS } from "../support/fault_scenarios";
import { nullDevice } from "../support/null_device";
import { runFaults } from "../support/run_faults";

const [seconds = "", ...names] = process.argv.slice(2);

async function main(): Promise<object> {
  Object.assign(globalThis, globals);
  const rejections: string[] = [];
  process.on("unhandledRejection", (reason) => rejections.push(`unhandled: ${reason}`));
  const results: Record<string, object> = {};
  for (const name of names) {
    const open = () => nullDevice(["subgroups"]);
    const report = await runFaults(open, name, SCENARIOS[name], { seconds: Number(seconds) });
    report.findings.push(...rejections.splice(0));
    results[name] = report;
  }
  return results;
}

main().then(
  (found) => {
    console.log(JSON.stringify(found));
    process.exit(0); // Dawn's thread would keep the process
  },
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
