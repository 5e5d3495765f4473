// AMD's machine code, as RADV prints it, becomes a list of instructions and its loops.

export interface Instruction {
  readonly block: number; // the basic block
  readonly op: string;
  readonly args: string;
}

export interface MemoryAccess {
  readonly scratch: boolean; // memory of the compiler's own, for what registers cannot hold
  readonly kind: "load" | "store" | "atomic";
  readonly bytes: number; // of a lane
}

export interface ArrayAccess extends MemoryAccess {
  readonly array: string; // the same for all accesses to one array
}

/** A loop is a range of instructions, both ends included. */
export interface Loop {
  readonly from: number;
  readonly to: number;
}

export type InstructionKind = "valu" | "salu" | "vmem" | "smem" | "lds" | "barrier" | "control";

/** Lists the instructions of the last shader in a text. */
export function instructionsOf(text: string): Instruction[] {
  const start = text.lastIndexOf("\ndisasm:");
  if (start < 0) return [];
  const [body] = text.slice(start + 1).split("\n\n");
  let block = 0;
  return body.split("\n").flatMap((line) => {
    const label = line.match(/^BB(\d+):/);
    if (label) block = Number(label[1]);
    const [, op, args] = line.match(/^\t([a-z]\w*)\s*([^;]*)/) ?? [];
    return op ? [{ block, op, args: args.trim() }] : [];
  });
}

/** Older families name a width by the number of words, newer ones by the number of bits. */
const WIDTHS: readonly (readonly [RegExp, number])[] = [
  [/^(b128|dwordx4)/, 16],
  [/^(b96|dwordx3)/, 12],
  [/^(b64|dwordx2)/, 8],
  [/^(b32|dword)/, 4],
  [/16|short/, 2],
  [/8|byte/, 1],
];

/** Returns the access of a vector instruction to memory, or undefined for another instruction. */
export function memoryAccessOf({ op }: Instruction): MemoryAccess | undefined {
  const parts = op.match(/^(buffer|global|flat|scratch)_(load|store|atomic)_?(\w*)$/);
  if (!parts) return undefined;
  const [, space, kind, type] = parts;
  const bytes = WIDTHS.find(([pattern]) => pattern.test(type))?.[1] ?? 4;
  return { scratch: space === "scratch", kind: kind as MemoryAccess["kind"], bytes };
}

/** Scalar instructions that wait, jump or tell the hardware something do no work of the kernel's. */
const CONTROL = new RegExp(
  `^s_(${[
    ...["waitcnt", "wait_", "nop", "delay_alu", "clause", "sendmsg", "endpgm", "branch", "cbranch"],
    ...["code_end", "setprio", "sleep", "round_mode", "denorm_mode", "inst_prefetch"],
    ...["set_inst_prefetch"],
  ].join("|")})`,
);

const KINDS: readonly (readonly [RegExp, InstructionKind])[] = [
  [/^(buffer|global|flat|scratch)_/, "vmem"],
  [/^ds_/, "lds"],
  [/^s_(buffer_)?load/, "smem"],
  [/^s_barrier/, "barrier"],
  [/^v_/, "valu"],
  [CONTROL, "control"],
];

export const kindOf = ({ op }: Instruction): InstructionKind =>
  KINDS.find(([pattern]) => pattern.test(op))?.[1] ?? "salu";

/** Finds loops: each is what lies between the target of a jump backwards and the last such jump. */
export function loopsIn(list: readonly Instruction[]): Loop[] {
  const starts = new Map<number, number>();
  for (const [i, { block }] of list.entries()) if (!starts.has(block)) starts.set(block, i);
  const ends = new Map<number, number>();
  for (const [i, { op, args }] of list.entries()) {
    const target = /^s_c?branch/.test(op) ? args.match(/BB(\d+)/) : null;
    const start = target && starts.get(Number(target[1]));
    if (typeof start === "number" && start <= i) ends.set(start, i); // later jumps come later
  }
  return [...ends].map(([from, to]) => ({ from, to }));
}

/**
 * Lists the access of each instruction, if it is one, with its array: that is known by the place of
 * its descriptor in memory. A scalar load brings one descriptor, of four registers, or several.
 */
export function arrayAccesses(list: readonly Instruction[]): (ArrayAccess | undefined)[] {
  const places = new Map<string, string>(); // of the descriptor in four registers
  return list.map((instruction) => {
    const { op, args } = instruction;
    const load = /^s_load/.test(op) && args.match(/^s\[(\d+):(\d+)\], (s\[\d+:\d+\]), (\w+)/);
    if (load) {
      const [first, last] = [Number(load[1]), Number(load[2])];
      for (let at = first; at + 3 <= last; at += 4) {
        places.set(`s[${at}:${at + 3}]`, `${load[3]} ${load[4]} ${at - first}`);
      }
    }
    const access = memoryAccessOf(instruction);
    const registers = args.match(/s\[\d+:\d+\]/)?.[0] ?? "";
    return access && { ...access, array: places.get(registers) ?? registers };
  });
}
