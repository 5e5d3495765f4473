// A machine is what a browser says of a GPU, by which the planner plans, and what the roofline model
// takes it for. The figures are public ones, rounded: they stand for orders of magnitude.

type AdapterInfo = Partial<
  Pick<GPUAdapterInfo, "vendor" | "architecture" | "subgroupMinSize" | "subgroupMaxSize">
>;

/** The sizes of subgroups as Chrome states them. */
const between = (subgroupMinSize: number, subgroupMaxSize: number) => ({
  subgroupMinSize,
  subgroupMaxSize,
});

export interface Machine {
  readonly name: string;
  readonly info: AdapterInfo;
  readonly features: readonly GPUFeatureName[];
  readonly limits?: Readonly<Record<string, number>>;
  readonly bandwidth: number; // GB/s of a copy, about 90 % of the vendor's peak
  readonly units: number; // compute units, SMs, cores
  readonly waves: number; // most waves at once in a unit
  readonly lanes: number; // invocations of a wave
  readonly clock: number; // GHz
  readonly issue: number; // instructions of waves that a unit issues per clock
  readonly latency: number; // ns from a load to its value
  readonly launch: number; // us that a dispatch costs which waits for the one before
  readonly cache: number; // MB of the last level
  readonly cacheBandwidth: number; // GB/s
  readonly line: number; // bytes that a unit gets from it at least
  /** The compiler joins loads of short branches and of four rounds of a loop, at best. */
  readonly joinsLoads: boolean;
}

const BOTH: readonly GPUFeatureName[] = ["subgroups", "shader-f16"];

const MACHINES: readonly Machine[] = [
  {
    name: "RX 7900 XTX",
    info: { vendor: "amd", architecture: "rdna-3", ...between(32, 64) },
    features: BOTH,
    ...{ bandwidth: 860, units: 96, waves: 32, lanes: 64, clock: 2.4, issue: 2 },
    ...{ latency: 550, launch: 3.5, cache: 96, cacheBandwidth: 2500, line: 128, joinsLoads: false },
  },
  {
    name: "RTX 4090",
    info: { vendor: "nvidia", architecture: "lovelace", ...between(32, 32) },
    features: BOTH,
    ...{ bandwidth: 920, units: 128, waves: 48, lanes: 32, clock: 2.5, issue: 4 },
    ...{ latency: 560, launch: 2.5, cache: 72, cacheBandwidth: 4000, line: 32, joinsLoads: true },
  },
  {
    name: "H200",
    info: { vendor: "nvidia", architecture: "hopper", ...between(32, 32) },
    features: BOTH,
    ...{ bandwidth: 4200, units: 132, waves: 64, lanes: 32, clock: 1.75, issue: 4 },
    ...{ latency: 650, launch: 2.5, cache: 50, cacheBandwidth: 6500, line: 32, joinsLoads: true },
  },
  {
    name: "M2",
    info: { vendor: "apple", architecture: "apple-8", ...between(4, 64) },
    features: BOTH,
    ...{ bandwidth: 88, units: 10, waves: 32, lanes: 32, clock: 1.4, issue: 4 },
    ...{ latency: 700, launch: 6, cache: 8, cacheBandwidth: 300, line: 64, joinsLoads: false },
  },
  {
    name: "Iris Xe",
    info: { vendor: "intel", architecture: "gen-12lp", ...between(8, 32) },
    features: BOTH,
    ...{ bandwidth: 52, units: 6, waves: 112, lanes: 16, clock: 1.3, issue: 8 },
    ...{ latency: 500, launch: 8, cache: 3.8, cacheBandwidth: 200, line: 64, joinsLoads: false },
  },
  {
    // Firefox and Safari give no names and no subgroups; this is some card of the middle class.
    name: "unnamed",
    info: { vendor: "", architecture: "" },
    features: [],
    limits: { maxStorageBufferBindingSize: 2 ** 27 },
    ...{ bandwidth: 360, units: 40, waves: 32, lanes: 32, clock: 2, issue: 4 },
    ...{ latency: 600, launch: 5, cache: 8, cacheBandwidth: 1200, line: 64, joinsLoads: false },
  },
];

/** Finds machines by their names; "all" are all. */
export function machinesOf(names: readonly string[]): readonly Machine[] {
  if (names.includes("all")) return MACHINES;
  return names.map((name) => {
    const found = MACHINES.find((machine) => machine.name === name);
    const known = MACHINES.map((machine) => machine.name).join(", ");
    if (!found) throw new Error(`machine ${name}, expected one of ${known}, or all`);
    return found;
  });
}

export function withoutSubgroups(machine: Machine): Machine {
  return { ...machine, features: machine.features.filter((name) => name !== "subgroups") };
}
