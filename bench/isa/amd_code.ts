// The figures of a kernel on an AMD GPU come from RADV's statistics and from the machine code.

import {
  type ArrayAccess,
  arrayAccesses,
  type Instruction,
  type InstructionKind,
  instructionsOf,
  kindOf,
  type Loop,
  loopsIn,
  type MemoryAccess,
  memoryAccessOf,
} from "./amd_instructions";

/** The number of accesses goes by their bytes. */
export type Widths = Readonly<Record<number, number>>;

interface LoadsUnderWay {
  readonly loads: number; // most that are issued before the first is waited for
  readonly trips: number; // batches of loads that are waited for one after the other
}

/** The figures of a loop are those of a round, without the loops within it. */
export interface LoopCode extends LoadsUnderWay {
  readonly valu: number;
  readonly salu: number;
  readonly lds: number; // accesses to workgroup memory
  readonly accesses: number; // loads and stores
  readonly packs: number; // vectors of x: more than one where the loop is unrolled
  readonly innermost: boolean;
  readonly aroundMemory: boolean; // another loop over memory is within it
}

export interface AmdCode extends LoadsUnderWay {
  readonly loadWidths: Widths;
  readonly storeWidths: Widths;
  readonly valu: number; // outside of loops
  readonly salu: number; // outside of loops
  readonly wideMultiplies: number; // of 32 bits: they take four times as long
  readonly loops: readonly LoopCode[];
  readonly vgprs: number;
  readonly waves: number; // that a SIMD can hold
  readonly lds: number; // bytes of workgroup memory
  readonly barriers: number;
  readonly spills: number; // registers
  readonly scratch: number; // bytes
  readonly latency: number; // cycles, ACO's estimate, a loop for 8 rounds
  readonly throughput: number; // cycles a wave, ACO's estimate of the inverse throughput
}

function statistic(text: string, name: string): number {
  const found = text.match(new RegExp(`^${name}: (\\d+)`, "m"));
  if (!found) throw new Error(`the driver printed no "${name}"`);
  return Number(found[1]);
}

const accessesOf = (list: readonly Instruction[], kind: MemoryAccess["kind"]) =>
  list
    .map(memoryAccessOf)
    .filter((access) => access !== undefined)
    .filter((access) => access.kind === kind && !access.scratch);

function widthsOf(accesses: readonly MemoryAccess[]): Widths {
  const widths: Record<number, number> = {};
  for (const { bytes } of accesses) widths[bytes] = (widths[bytes] ?? 0) + 1;
  return widths;
}

/** Walks the code as it lies, through both sides of a branch: a wait says how many loads may be left. */
export function loadsUnderWay(list: readonly Instruction[]): LoadsUnderWay {
  let [now, most, trips] = [0, 0, 0];
  let fresh = false; // further waits for the same batch are not trips of their own
  for (const instruction of list) {
    const [load] = accessesOf([instruction], "load");
    if (load) {
      most = Math.max(most, ++now);
      fresh = true;
    }
    const left = instruction.op === "s_waitcnt" && instruction.args.match(/vmcnt\((\d+)\)/);
    if (!left || now <= Number(left[1])) continue;
    now = Number(left[1]);
    if (fresh) trips++;
    fresh = false;
  }
  return { loads: most, trips };
}

const count = (list: readonly Instruction[], kind: InstructionKind) =>
  list.filter((instruction) => kindOf(instruction) === kind).length;

const isWithin = (inner: Loop, outer: Loop) =>
  inner !== outer && inner.from >= outer.from && inner.to <= outer.to;

function innermostAt(loops: readonly Loop[], i: number): Loop | undefined {
  const around = loops.filter(({ from, to }) => i >= from && i <= to);
  return around.find((loop) => !around.some((other) => isWithin(other, loop)));
}

/** Counts the widest loads of the array that has most of them: narrower ones are of statistics. */
function packsIn(accesses: readonly ArrayAccess[]): number {
  const loads = accesses.filter(({ kind }) => kind === "load");
  const width = Math.max(...loads.map(({ bytes }) => bytes));
  const counts = new Map<string, number>();
  for (const { bytes, array } of loads) {
    if (bytes === width) counts.set(array, (counts.get(array) ?? 0) + 1);
  }
  return Math.max(1, ...counts.values());
}

/** A kernel in parts: each instruction belongs to the innermost loop around it, or to none. */
interface Parts {
  readonly loops: readonly Loop[];
  readonly indicesOf: (loop: Loop | undefined) => readonly number[];
}

function partsOf(list: readonly Instruction[]): Parts {
  const loops = loopsIn(list);
  const owners = list.map((_, i) => innermostAt(loops, i));
  const indicesOf: Parts["indicesOf"] = (loop) =>
    owners.flatMap((owner, i) => (owner === loop ? [i] : []));
  return { loops, indicesOf };
}

function loopCodesOf(list: readonly Instruction[], { loops, indicesOf }: Parts): LoopCode[] {
  const all = arrayAccesses(list);
  const accessesIn = (loop: Loop) => indicesOf(loop).flatMap((i) => all[i] ?? []);
  return loops.map((loop) => {
    const body = indicesOf(loop).map((i) => list[i]);
    const accesses = accessesIn(loop).filter(({ scratch }) => !scratch);
    const within = loops.filter((other) => isWithin(other, loop));
    return {
      ...loadsUnderWay(body),
      valu: count(body, "valu"),
      salu: count(body, "salu"),
      lds: count(body, "lds"),
      accesses: accesses.length,
      packs: packsIn(accesses),
      innermost: within.length === 0,
      aroundMemory: within.some((other) => accessesIn(other).length > 0),
    };
  });
}

/** Instructions that use half of the execution mask are those of waves with 32 lanes. */
function wavesOf(text: string, list: readonly Instruction[]): number {
  const lanes = list.some(({ args }) => /\bexec_lo\b/.test(args)) ? 32 : 64;
  return Math.min(16, statistic(text, "Subgroups per SIMD") / (lanes / 32)); // it counts 32 lanes
}

/** Reads what RADV printed of a kernel. */
export function amdCodeOf(text: string): AmdCode {
  const list = instructionsOf(text);
  if (list.length === 0) throw new Error("the driver printed no machine code");
  const parts = partsOf(list);
  const straight = parts.indicesOf(undefined).map((i) => list[i]);
  return {
    ...loadsUnderWay(list),
    loadWidths: widthsOf(accessesOf(list, "load")),
    storeWidths: widthsOf(accessesOf(list, "store")),
    valu: count(straight, "valu"),
    salu: count(straight, "salu"),
    wideMultiplies: list.filter(({ op }) => /^v_(mul_(lo|hi)|mad_u64)/.test(op)).length,
    loops: loopCodesOf(list, parts),
    vgprs: statistic(text, "VGPRs"),
    waves: wavesOf(text, list),
    lds: statistic(text, "LDS size"),
    barriers: count(list, "barrier"),
    spills: statistic(text, "Spilled VGPRs") + statistic(text, "Spilled SGPRs"),
    scratch: statistic(text, "Scratch size"),
    latency: statistic(text, "Latency"),
    throughput: statistic(text, "Inverse Throughput"),
  };
}
