// The figures of a kernel on an Intel GPU come from the line that ANV prints above the machine code.

export interface IntelCode {
  readonly lanes: number; // of the widest variant that was made
  readonly instructions: number;
  readonly loops: number;
  readonly cycles: number; // the compiler's estimate
  readonly spills: number; // registers written to scratch
  readonly fills: number; // and read from it
  readonly sends: number; // messages: memory, workgroup memory, barriers
}

const HEAD =
  /^SIMD(\d+) shader: (\d+) inst\w*\. (\d+) loops?\. (\d+) cycles\. (\d+):(\d+) spills:fills, (\d+) sends/gm;

/** Reads what ANV printed of a kernel: the last variant is the one that it takes. */
export function intelCodeOf(text: string): IntelCode {
  const last = [...text.matchAll(HEAD)].pop();
  if (!last) throw new Error("the driver printed no statistics");
  const [lanes, instructions, loops, cycles, spills, fills, sends] = last.slice(1).map(Number);
  return { lanes, instructions, loops, cycles, spills, fills, sends };
}
