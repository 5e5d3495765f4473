// This check decides whether shuffles within subgroups can be trusted. Some drivers compute wrong
// values, some of them only the second time. It is imported dynamically for devices with the
// feature, together with the files that use it. It runs once per device and keeps no GPU object. It
// gets `scoped` from its caller and must not import the main module, because bundlers would split
// that into a shared chunk with an export list.

import kernel from "../../shaders/kernels/subgroup_check.wgsl";
import team from "../../shaders/reduce/team/subgroup.wgsl";

export const SHUFFLES = team;

/** A team case is a partition as planners make it. */
interface TeamCase {
  readonly workgroup: number;
  readonly team: number;
  readonly columns: boolean;
}

const CASES: readonly TeamCase[] = [
  { workgroup: 64, team: 8, columns: false },
  { workgroup: 64, team: 64, columns: false },
  { workgroup: 256, team: 256, columns: false },
  { workgroup: 64, team: 16, columns: true },
];

/** The smallest and the largest subgroups of the device, as the files' overrides name them. */
type SubgroupSizes = Readonly<Record<"SUBGROUP_MIN" | "SUBGROUP_MAX", number>>;

const LABEL = "webgpu-norm subgroups";
const RUNS = 2;
const WORKGROUPS = 3;
const CASE_BYTES = 256 * WORKGROUPS * 16; // a vec4f per invocation
const PARAMS_BYTES = 4096; // zeros, longer than the uniform block

type Scoped = typeof import("./gpu_status").scoped;

const verdicts = new WeakMap<GPUDevice, Promise<boolean>>();

/**
 * Resolves to whether teams that combine through subgroups compute the right values, twice. Any
 * error counts as a no, and so does a device that takes more than `limit` milliseconds. `code` is
 * the text of the files under test with the files that they expect, for rows and for columns.
 */
export function subgroupsWork(
  device: GPUDevice,
  code: readonly string[],
  sizes: SubgroupSizes,
  limit: number,
  scoped: Scoped,
): Promise<boolean> {
  const result =
    verdicts.get(device) ?? inTime(device, code, sizes, limit, scoped).catch(() => false);
  verdicts.set(device, result);
  return result;
}

async function inTime(
  device: GPUDevice,
  code: readonly string[],
  sizes: SubgroupSizes,
  limit: number,
  scoped: Scoped,
): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(reject, limit);
  });
  try {
    return await verify(device, code, sizes, late, scoped);
  } finally {
    clearTimeout(timer);
  }
}

async function verify(
  device: GPUDevice,
  code: readonly string[],
  sizes: SubgroupSizes,
  late: Promise<never>,
  scoped: Scoped,
): Promise<boolean> {
  const most = device.limits.maxComputeInvocationsPerWorkgroup;
  const cases = CASES.filter(({ workgroup }) => workgroup <= most);
  const [compiling] = scoped(device, LABEL, () => compile(device, code, sizes, cases));
  const pipelines = await Promise.race([Promise.all(compiling), late]);
  const [results, { done }] = scoped(device, LABEL, () => run(device, pipelines, late));
  const right = (await results).every((values, i) => {
    const made = cases[i % cases.length];
    return made !== undefined && isRight(values, made);
  });
  return right && (await Promise.race([done, late])) === null;
}

/** Compiles all cases in parallel. Rejects if the compiler refuses the files. */
function compile(
  device: GPUDevice,
  [rows = "", columns = ""]: readonly string[],
  sizes: SubgroupSizes,
  cases: readonly TeamCase[],
) {
  const moduleOf = (teams: string) =>
    device.createShaderModule({ label: LABEL, code: `${teams}\n${kernel.text}` });
  const [ofRows, ofColumns] = [moduleOf(rows), moduleOf(columns)];
  return cases.map(({ workgroup, team, columns: inColumns }) => {
    const module = inColumns ? ofColumns : ofRows;
    const constants = {
      ...{ WORKGROUP: workgroup, TEAM: team, COLUMNS: Number(inColumns) },
      ...sizes,
    };
    const compute = { module, constants };
    return device.createComputePipelineAsync({ label: LABEL, layout: "auto", compute });
  });
}

/** Returns the output of every case, first of the first run, then of the others. */
async function run(
  device: GPUDevice,
  pipelines: readonly GPUComputePipeline[],
  late: Promise<never>,
) {
  const all = Array.from({ length: RUNS }, () => pipelines).flat();
  const size = all.length * CASE_BYTES;
  const made: GPUBuffer[] = [];
  const buffer = (size: number, usage: number) => {
    const one = device.createBuffer({ label: LABEL, size, usage });
    made.push(one);
    return one;
  };
  try {
    const params = buffer(PARAMS_BYTES, 0x40); // UNIFORM; Node has no globals
    const results = buffer(size, 0x80 | 0x4); // STORAGE | COPY_SRC
    const staging = buffer(size, 0x1 | 0x8); // MAP_READ | COPY_DST
    all.forEach((pipeline, i) => {
      const at = { buffer: results, offset: i * CASE_BYTES, size: CASE_BYTES };
      submit(device, pipeline, params, at);
    });
    const encoder = device.createCommandEncoder({ label: LABEL });
    encoder.copyBufferToBuffer(results, 0, staging, 0, size);
    device.queue.submit([encoder.finish()]);
    const mapped = staging.mapAsync(1);
    device.queue.submit([]); // Firefox looks for finished work every 100 ms otherwise
    await Promise.race([mapped, late]);
    const words = new Float32Array(staging.getMappedRange().slice(0));
    const length = CASE_BYTES / 4;
    return all.map((_, i) => words.subarray(i * length, (i + 1) * length));
  } finally {
    for (const one of made) one.destroy();
  }
}

function submit(
  device: GPUDevice,
  pipeline: GPUComputePipeline,
  params: GPUBuffer,
  results: GPUBufferBinding,
): void {
  const layout = pipeline.getBindGroupLayout(0);
  const entries = [
    { binding: 0, resource: { buffer: params } },
    { binding: 5, resource: results },
  ];
  const encoder = device.createCommandEncoder({ label: LABEL });
  const pass = encoder.beginComputePass({ label: LABEL });
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, device.createBindGroup({ label: LABEL, layout, entries }));
  pass.dispatchWorkgroups(WORKGROUPS);
  pass.end();
  device.queue.submit([encoder.finish()]);
}

/** Returns the value of an invocation, as in the kernel. */
const valueAt = (place: number) => (place * 37) % 64;

/** Returns whether results are right. Sums of small whole numbers are exact. */
function isRight(results: Float32Array, { workgroup, team }: TeamCase): boolean {
  const places = WORKGROUPS * workgroup;
  for (let first = 0; first < places; first += team) {
    const values = Array.from({ length: team }, (_, i) => valueAt(first + i));
    const sums = [
      values.reduce((a, b) => a + b),
      values.reduce((a, b) => a + b * b, 0),
      Math.max(...values),
      (team * (team - 1)) / 2, // of ranks
    ];
    for (let i = 4 * first; i < 4 * (first + team); i++) {
      if (results[i] !== sums[i % 4]) return false;
    }
  }
  return true;
}
