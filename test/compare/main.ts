/**
 * This program, bundled and run by test/runners/compare.mjs, runs every row with two builds of the package, as
 * planned for several kinds of device. It prints a line a row, and exits with 1 unless all bits agree.
 */

import { inChunks } from "../support/comparison";
import { type Case, casesOf, nameOf, resultsOf } from "./cases";
import { modules } from "./modules";
import { compare, type Tally, tallyOf } from "./results";
import { type Row, rows } from "./rows";
import { open, type Side } from "./sides";

const [older, newer, seeds, only, thorough] = process.argv.slice(2);
const { sides, profiles, errors } = await open(older, newer);
const refusals: string[] = [];

interface PlannedCase {
  readonly one: Case;
  readonly profile: string;
}

/** A problem is planned for one kind of device in turn: all take five times as long. */
function plannedCases(cases: readonly Case[]): PlannedCase[] {
  return cases.flatMap((one) => {
    const turn = profiles[one.turn % profiles.length];
    return (thorough ? profiles : [turn]).map((profile) => ({ one, profile }));
  });
}

/** A difference is a text. What both builds refuse with the same words is no agreement. */
async function compareCase({ one, profile }: PlannedCase, tally: Tally): Promise<string | null> {
  const runs = sides.map(({ build, contexts }: Side) => {
    const ctx = contexts.get(profile);
    if (!ctx) throw new Error(`${profile}: no context`);
    return resultsOf(build, ctx, one);
  });
  const [old, now] = await Promise.allSettled(runs);
  const where = `${profile}: ${nameOf(one)}`;
  if (old.status === "fulfilled" && now.status === "fulfilled") {
    const found = compare(old.value, now.value, tally);
    return found && `${where}: ${found}`;
  }
  const [before, after] = [old, now].map((r) =>
    r.status === "rejected" ? `${r.reason}` : "no error",
  );
  if (before === after) {
    refusals.push(`${where}: ${after}`);
    tally.refused++;
    return null;
  }
  tally.compared++;
  tally.differing++;
  return `${where}: is ${after}, was ${before}`;
}

const WIDTHS = [22, 10, 10, 10, 10, 10, 14];

function line(cells: readonly (string | number)[]): string {
  const padded = cells.map((cell, k) => {
    return k < 2 ? `${cell}`.padEnd(WIDTHS[k]) : `${cell}`.padStart(WIDTHS[k]);
  });
  return padded.join("").trimEnd();
}

async function compareRow(row: Row, number: number): Promise<Tally> {
  const tally = tallyOf();
  const planned = plannedCases(casesOf(row, number, Number(seeds)));
  const found = await inChunks(planned, (one) => compareCase(one, tally));
  const { compared, differing, refused, largest } = tally;
  const most = differing ? largest.toPrecision(3) : "";
  console.log(
    line([row.name, row.direction, planned.length, compared, differing, refused || "", most]),
  );
  if (found.length) console.log(`  first: ${found[0]}`);
  return tally;
}

const [device] = sides[0].contexts.values();
console.log(`${device.profile.name}; planned for: ${profiles.join(", ")}\n`);
console.log(line(["operation", "", "problems", "results", "differ", "refused", "largest"]));
const tallies: Tally[] = [];
for (const [number, row] of [...rows, ...modules].entries()) {
  if (row.name.includes(only)) tallies.push(await compareRow(row, number));
}
const sum = (name: keyof Tally) => tallies.reduce((total, tally) => total + tally[name], 0);
for (const message of new Set(errors)) console.error(message);
if (refusals.length) console.log(`\n${refusals.length} refused by both with the same words:`);
for (const text of refusals) console.log(`  ${text}`);
console.log(`\n${sum("compared")} compared, ${sum("differing")} differ`);
const good = sum("compared") > 0 && sum("differing") + errors.length === 0;
process.exit(good ? 0 : 1); // Dawn may keep the process alive
