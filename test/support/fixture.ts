// All GPU tests get their device from this fixture, in a browser and under Dawn alike.
//
//   test("...", async ({ ctx, device, freshDevice, freshContext }) => { ... });
//
// `device` has every feature that the adapter has and default limits, and is shared by all tests,
// as is its context `ctx`. A `freshDevice` or `freshContext` is destroyed when its
// test ends. A test fails on any WebGPU error that it did not announce with `expectGpuError`.

import { test as base, expect, inject } from "vitest";
import { type Context, type ContextOptions, createContext } from "../../src/index";

const FILTERS = ["validation", "out-of-memory", "internal"] as const;

/** A device under observation. The adapter is held since Dawn's devices do not outlive theirs. */
interface Watched {
  readonly device: GPUDevice;
  readonly adapter: GPUAdapter;
  readonly uncaptured: string[];
  lost: GPUDeviceLostInfo | null;
  context?: Context | undefined;
}

/** Adapters are asked for anew: in Dawn each gives one device only. */
async function openDevice(
  descriptor: GPUDeviceDescriptor,
  options: GPURequestAdapterOptions = {},
): Promise<Watched> {
  const adapter = await navigator.gpu?.requestAdapter(options);
  if (!adapter) throw new Error("no WebGPU adapter for the tests");
  const compatible = options.featureLevel === "compatibility";
  const requiredFeatures = [...adapter.features].filter((name) => {
    return !(compatible && name === "core-features-and-limits");
  }) as GPUFeatureName[];
  const device = await adapter.requestDevice({ requiredFeatures, ...descriptor });
  const watched: Watched = { device, adapter, uncaptured: [], lost: null };
  device.addEventListener("uncapturederror", (event) => {
    event.preventDefault(); // or the console repeats it
    watched.uncaptured.push(`uncaptured ${describe(event.error)}`);
  });
  device.lost.then((info) => {
    watched.lost = info;
  });
  return watched;
}

function describe(error: GPUError): string {
  return `${error.constructor.name}: ${error.message}`;
}

function openScopes({ device }: Watched): void {
  for (const filter of FILTERS) device.pushErrorScope(filter);
}

/** Everything that went wrong on the device since openScopes. */
async function closeScopes({ device, uncaptured }: Watched): Promise<string[]> {
  const popped = [...FILTERS.map(() => device.popErrorScope()), device.popErrorScope()];
  const results = await Promise.allSettled(popped);
  const errors = results.flatMap((r) => (r.status === "fulfilled" && r.value ? [r.value] : []));
  const balanced = results.map((r) => r.status).join() === "fulfilled,fulfilled,fulfilled,rejected";
  return [
    ...errors.map(describe),
    ...uncaptured.splice(0),
    ...(balanced ? [] : ["error scopes: pushed and popped unequally often"]),
  ];
}

let shared: Watched | null = null;

async function sharedDevice(): Promise<Watched> {
  if (!shared || shared.lost) shared = await openDevice({ label: "shared by the tests" });
  return shared;
}

export interface GpuFixtures {
  watched: Watched; // for the fixtures below
  device: GPUDevice;
  ctx: Context;
  /** A device of the test's own, by default with every feature and default limits. */
  freshDevice: (
    descriptor?: GPUDeviceDescriptor,
    options?: GPURequestAdapterOptions,
  ) => Promise<GPUDevice>;
  /** A context of the test's own; on a fresh device unless one is given. */
  freshContext: (options?: ContextOptions) => Promise<Context>;
}

export const test = base.extend<GpuFixtures>({
  watched: [
    // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the names of fixtures from here
    async ({}, use) => {
      const watched = await sharedDevice();
      openScopes(watched);
      await use(watched);
      if (watched.lost) throw new Error(`the shared device was lost: ${watched.lost.message}`);
      failOn(await closeScopes(watched));
    },
    { auto: true },
  ],
  device: async ({ watched }, use) => use(watched.device),
  ctx: async ({ watched }, use) => {
    watched.context ??= await createContext({ device: watched.device });
    await use(watched.context);
  },
  // biome-ignore lint/correctness/noEmptyPattern: as above
  freshDevice: async ({}, use) => {
    const opened: Watched[] = [];
    await use(async (descriptor = {}, options = {}) => {
      const watched = await openDevice(descriptor, options);
      openScopes(watched);
      opened.push(watched);
      return watched.device;
    });
    const errors = await Promise.all(opened.map(closeFresh));
    failOn(errors.flat());
  },
  freshContext: async ({ freshDevice }, use) => {
    const contexts: Context[] = [];
    await use(async (options = {}) => {
      const given = options.device ?? options.adapter;
      const context = await createContext(
        given ? options : { device: await freshDevice(), ...options },
      );
      contexts.push(context);
      return context;
    });
    for (const context of contexts) context.destroy();
  },
});

/** A device that the test destroyed has no errors left to tell. */
async function closeFresh(watched: Watched): Promise<string[]> {
  if (watched.lost?.reason === "destroyed") return watched.uncaptured;
  if (watched.lost) return [`a device was lost: ${watched.lost.message}`];
  const errors = await closeScopes(watched);
  watched.device.destroy();
  return errors;
}

function failOn(errors: readonly string[]): void {
  if (errors.length > 0) throw new Error(`WebGPU errors in this test:\n${errors.join("\n")}`);
}

/** Runs `work`, which has to cause just this WebGPU error on the device. */
export async function expectGpuError(
  device: GPUDevice,
  filter: GPUErrorFilter,
  message: RegExp,
  work: () => unknown,
): Promise<void> {
  device.pushErrorScope(filter);
  try {
    await work();
  } finally {
    const error = await device.popErrorScope();
    expect(error?.message ?? "no error", `the ${filter} error`).toMatch(message);
  }
}

/** The seeds of a property test: 1 to SEEDS, or SEED alone. Name the seed in each failure. */
export function seeds(): number[] {
  const only = inject("seed");
  return only === null ? Array.from({ length: inject("seeds") }, (_, i) => i + 1) : [only];
}
