// `npm run test:faults` makes each device call of each scenario fail: it throws, is refused, rejects,
// never answers, or loses the device, once and for ever. It prints a table of counts.
//   --scenario NAME   one of test/support/fault_scenarios.ts, all by default; may be repeated
//   --seconds N       time for each scenario, 120 by default

import { join } from "node:path";
import { parseArgs } from "node:util";
import { printed } from "./stream.mjs";

const SCENARIOS = [
  "createContext",
  "layerNorm",
  "layerNormBackward",
  "batch",
  "prepare",
  "warmup",
  "tune",
  "streams",
  "nn",
  "syncBatchNorm",
  "globalResponseNorm",
];

const { values } = parseArgs({
  options: {
    scenario: { type: "string", multiple: true, default: SCENARIOS },
    seconds: { type: "string", default: "120" },
  },
});
const unknown = values.scenario.filter((name) => !SCENARIOS.includes(name));
if (unknown.length > 0) throw new Error(`${unknown}: expected some of ${SCENARIOS.join(", ")}`);

const entry = join("test", "runners", "faults_main.ts");
/** @typedef {import("../support/run_faults").FaultReport} FaultReport */
/** @type {Record<string, FaultReport>} */
const reports = await printed(entry, [values.seconds, ...values.scenario]);
console.table(
  Object.fromEntries(
    Object.entries(reports).map(([name, { findings, ...counts }]) => [
      name,
      { ...counts, findings: findings.length },
    ]),
  ),
);
const findings = Object.values(reports).flatMap(({ findings }) => findings);
for (const finding of findings) console.log(finding);
process.exitCode = findings.length > 0 ? 1 : 0;
