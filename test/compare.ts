/**
 * What scripts/compare.mjs bundles and runs: every row by two builds of the package, planned for several
 * kinds of device. Prints a line a row; exits with 1 unless all results are the same bits.
 */
import { type Case, casesOf, nameOf, resultsOf } from "./compare_cases";
import { compare, type Tally, tallyOf } from "./compare_results";
import { type Row, rows } from "./compare_rows";
import { open, type Side } from "./compare_sides";
import { inChunks } from "./harness";

const [older, newer, seeds, only, thorough] = process.argv.slice(2);
const { sides, profiles, errors } = await open(older, newer);

/** A problem as it is planned for a kind of device. */
interface Planned {
  readonly one: Case;
  readonly profile: string;
}

/** Each problem for one kind of device in turn, since every plan is a shader to be compiled, or for all. */
function plannedOf(cases: readonly Case[]): Planned[] {
  return cases.flatMap((one) => {
    const turn = profiles[one.turn % profiles.length];
    return (thorough ? profiles : [turn]).map((profile) => ({ one, profile }));
  });
}

/** What differs, as text. What both builds refuse with the same words is counted apart. */
async function compareCase({ one, profile }: Planned, tally: Tally): Promise<string | null> {
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
  const [before, after] = [old, now].map((r) => ("reason" in r ? `${r.reason}` : "no error"));
  if (before === after) {
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
  const planned = plannedOf(casesOf(row, number, Number(seeds)));
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
for (const [number, row] of rows.entries()) {
  if (row.name.includes(only)) tallies.push(await compareRow(row, number));
}
const sum = (name: keyof Tally) => tallies.reduce((total, tally) => total + tally[name], 0);
for (const message of new Set(errors)) console.error(message);
if (sum("refused")) console.log(`\n${sum("refused")} refused by both with the same words`);
console.log(`\n${sum("compared")} compared, ${sum("differing")} differ`);
const good = sum("compared") > 0 && sum("differing") + errors.length === 0;
process.exit(good ? 0 : 1); // Dawn may keep the process alive
