/** Two builds share a device, and each has a context for every kind of device to plan for. */
import { create, globals } from "webgpu";
import type { Context, DeviceProfile } from "../../src/index";
import type { Build } from "./rows";

const CPU = { kind: "cpu", workgroup: 16, wideWorkgroup: 16, workgroups: 8 } as const;
const GPU = { kind: "gpu", workgroup: 64, wideWorkgroup: 256, workgroups: 256 } as const;

/** Planners take these for the device; few workgroups leave rows whole. */
const SMALL = { workgroups: 4, maxBindingBytes: 2 ** 14 };

const PROFILES: readonly (readonly [name: string, profile: Partial<DeviceProfile>])[] = [
  ["CPU", { ...CPU, subgroups: false }],
  ["GPU", { ...GPU, subgroups: false }],
  ["GPU with subgroups", { ...GPU, subgroups: true }],
  ["CPU with subgroups", { ...CPU, subgroups: true }],
  ["small GPU through windows, f16 as bits", { ...GPU, ...SMALL, f16: false, subgroups: false }],
];

/** A side is one build; its contexts go by the names of their profiles. */
export interface Side {
  readonly build: Build;
  readonly contexts: ReadonlyMap<string, Context>;
}

export interface Setup {
  readonly sides: readonly [old: Side, now: Side];
  /** The device may lack what a profile needs, which is left out here. */
  readonly profiles: readonly string[];
  /** The device told these to no call. */
  readonly errors: readonly string[];
}

const held: object[] = []; // Dawn's devices outlive neither their adapters nor the instance

async function imported(folder: string): Promise<Build> {
  const entries = ["index.js", "nn/index.js", "stream/index.js"].map(
    (file) => import(/* @vite-ignore */ new URL(file, folder).href),
  );
  const [index, nn, stream] = await Promise.all(entries);
  return { index, nn, stream };
}

async function openDevice(): Promise<GPUDevice> {
  Object.assign(globalThis, globals);
  const gpu = create([]);
  const adapter = await gpu.requestAdapter();
  if (!adapter) throw new Error("no adapter, is there a Vulkan driver?");
  held.push(gpu, adapter);
  const wanted = ["shader-f16", "subgroups"] as const;
  const requiredFeatures = wanted.filter((name) => adapter.features.has(name));
  return adapter.requestDevice({ label: "compare", requiredFeatures });
}

async function openSide(device: GPUDevice, folder: string): Promise<Side> {
  const build = await imported(folder);
  const contexts = new Map<string, Context>();
  for (const [name, profile] of PROFILES) {
    const ctx = await build.index.createContext({ device, profile });
    if (ctx.profile.subgroups === profile.subgroups) contexts.set(name, ctx);
    else ctx.destroy();
  }
  return { build, contexts };
}

/** The builds share a device since Dawn compiles a shader once there, which takes most of the time. */
export async function open(older: string, newer: string): Promise<Setup> {
  const device = await openDevice();
  const errors: string[] = [];
  device.addEventListener("uncapturederror", ({ error }) => errors.push(error.message));
  const sides = [await openSide(device, older), await openSide(device, newer)] as const;
  const [profiles, others] = sides.map(({ contexts }) => [...contexts.keys()]);
  if (`${profiles}` !== `${others}`) errors.push(`planned for ${others}, was for ${profiles}`);
  return { sides, profiles: profiles.filter((name) => others.includes(name)), errors };
}
