// Whether shuffles within subgroups can be trusted: there are drivers that compute garbage, some only the second time.
// Loaded where a device has the feature, with the files that use it; run once a device, and nothing stays behind. It
// imports none of the rest, or bundlers would cut that in two.

import kernel from "../../shaders/kernels/subgroup_check.wgsl";
import shuffle from "../../shaders/reduce/shuffle.wgsl";
import team from "../../shaders/reduce/team/subgroup.wgsl";
import teamSums from "../../shaders/reduce/team_sums/subgroup.wgsl";
import type { ShuffleFiles } from "../plan/device_profile";

export const SHUFFLES: ShuffleFiles = { shuffle, team, teamSums };

/** How invocations are shared out, as planners do it. */
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

const LABEL = "webgpu-norm subgroups";
const RUNS = 2;
const WORKGROUPS = 3;
const CASE_BYTES = 256 * WORKGROUPS * 16; // a vec4f an invocation
const PARAMS_BYTES = 4096; // zeros, more than the uniform block has
const FILTERS = ["validation", "out-of-memory", "internal"] as const;

const verdicts = new WeakMap<GPUDevice, Promise<boolean>>();

/**
 * Whether teams that combine through subgroups get what they should, twice; any error is a no. `code` is that of the
 * files to be judged with what these expect, for rows and for columns.
 */
export function subgroupsWork(device: GPUDevice, code: readonly string[]): Promise<boolean> {
  const result = verdicts.get(device) ?? verify(device, code).catch(() => false);
  verdicts.set(device, result);
  return result;
}

async function verify(device: GPUDevice, code: readonly string[]): Promise<boolean> {
  const most = device.limits.maxComputeInvocationsPerWorkgroup;
  const cases = CASES.filter(({ workgroup }) => workgroup <= most);
  const [compiling] = withErrorScopes(device, () => compile(device, code, cases));
  const pipelines = await Promise.all(compiling);
  const [results, refused] = withErrorScopes(device, () => run(device, pipelines));
  const right = (await results).every((values, i) => {
    const made = cases[i % cases.length];
    return made !== undefined && isRight(values, made);
  });
  return right && !(await refused);
}

/** What `work` returns, and whether the device refused any of it; no error gets beyond. */
function withErrorScopes<T>(device: GPUDevice, work: () => T): [T, Promise<boolean>] {
  for (const filter of FILTERS) device.pushErrorScope(filter);
  const result = work();
  const errors = FILTERS.map(() => device.popErrorScope());
  return [result, Promise.all(errors).then((found) => found.some((error) => error !== null))];
}

/** In parallel; rejects where the compiler does not take the files. */
function compile(
  device: GPUDevice,
  [rows = "", columns = ""]: readonly string[],
  cases: readonly TeamCase[],
) {
  const moduleOf = (teams: string) =>
    device.createShaderModule({ label: LABEL, code: `${teams}\n${kernel.text}` });
  const [ofRows, ofColumns] = [moduleOf(rows), moduleOf(columns)];
  return cases.map(({ workgroup, team, columns: inColumns }) => {
    const module = inColumns ? ofColumns : ofRows;
    const constants = { WORKGROUP: workgroup, TEAM: team, COLUMNS: Number(inColumns) };
    const compute = { module, constants };
    return device.createComputePipelineAsync({ label: LABEL, layout: "auto", compute });
  });
}

/** What every case wrote, first in the first run, then in the others. */
async function run(device: GPUDevice, pipelines: readonly GPUComputePipeline[]) {
  const buffer = (size: number, usage: number) =>
    device.createBuffer({ label: LABEL, size, usage });
  const all = Array.from({ length: RUNS }, () => pipelines).flat();
  const size = all.length * CASE_BYTES;
  const params = buffer(PARAMS_BYTES, 0x40); // UNIFORM; the globals are not there in Node
  const results = buffer(size, 0x80 | 0x4); // STORAGE | COPY_SRC
  const staging = buffer(size, 0x1 | 0x8); // MAP_READ | COPY_DST
  try {
    all.forEach((pipeline, i) => {
      const at = { buffer: results, offset: i * CASE_BYTES, size: CASE_BYTES };
      submit(device, pipeline, params, at);
    });
    const encoder = device.createCommandEncoder({ label: LABEL });
    encoder.copyBufferToBuffer(results, 0, staging, 0, size);
    device.queue.submit([encoder.finish()]);
    const mapped = staging.mapAsync(1);
    device.queue.submit([]); // Firefox looks for finished work every 100 ms otherwise
    await mapped;
    const words = new Float32Array(staging.getMappedRange().slice(0));
    const length = CASE_BYTES / 4;
    return all.map((_, i) => words.subarray(i * length, (i + 1) * length));
  } finally {
    for (const made of [params, results, staging]) made.destroy();
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

/** The values that the kernel makes. */
const valueAt = (place: number) => (place * 37) % 64;

/** Sums of small whole numbers are exact; mean and m2 of a team are so up to rounding. */
function isRight(results: Float32Array, { workgroup, team }: TeamCase): boolean {
  const places = WORKGROUPS * workgroup;
  for (let first = 0; first < places; first += team) {
    const values = Array.from({ length: team }, (_, i) => valueAt(first + i));
    const sum = values.reduce((a, b) => a + b);
    const squares = values.reduce((a, b) => a + b * b, 0);
    const mean = sum / team;
    const lanes = [
      { expected: sum, allowed: 0 },
      { expected: squares, allowed: 0 },
      { expected: mean, allowed: 1e-5 * mean },
      { expected: squares - sum * mean, allowed: 1e-5 * squares },
    ];
    for (const [lane, { expected, allowed }] of lanes.entries()) {
      for (let i = 4 * first + lane; i < 4 * (first + team); i += 4) {
        const apart = Math.abs((results[i] ?? Number.NaN) - expected);
        if (!(apart <= allowed)) return false; // NaN is wrong, too
      }
    }
  }
  return true;
}
