// A faulty device passes all calls to a real one, but for those that a test wants to fail. What it
// refuses is an invalid object of the real device, with an error of the asked kind in the scope.

/** What happens to a call instead, or `lose`: to the device right after it. */
export type Fault = GPUErrorFilter | "throw" | "reject" | "hang" | "lose";

export type FaultFor = (call: string) => Fault | null;

const ERRORS = {
  validation: class GPUValidationError extends Error {},
  "out-of-memory": class GPUOutOfMemoryError extends Error {},
  internal: class GPUInternalError extends Error {},
};

const BUFFER = { size: 16, usage: 0x1 | 0x80 }; // MAP_READ and STORAGE do not go together
const LAYOUT = { entries: [{ binding: 1e6, visibility: 4, buffer: {} }] }; // no such binding
const SHADER = { code: "not WGSL" };

// biome-ignore lint/suspicious/noExplicitAny: arguments and results of any call of the device
type Call = (...args: any[]) => any;

/** Wrong arguments make the invalid objects. */
const INVALID: Record<string, (device: GPUDevice, descriptor: never) => unknown> = {
  createBuffer: (device, { size }: GPUBufferDescriptor) => device.createBuffer({ ...BUFFER, size }),
  createShaderModule: (device) => device.createShaderModule(SHADER),
  createComputePipeline: (device, { layout }: GPUComputePipelineDescriptor) =>
    device.createComputePipeline({
      layout,
      compute: { module: device.createShaderModule(SHADER) },
    }),
  createBindGroup: (device, { layout }: GPUBindGroupDescriptor) =>
    device.createBindGroup({
      layout,
      entries: [{ binding: 99, resource: { buffer: device.createBuffer(BUFFER) } }],
    }),
  createBindGroupLayout: (device) => device.createBindGroupLayout(LAYOUT),
  createPipelineLayout: (device) =>
    device.createPipelineLayout({ bindGroupLayouts: [device.createBindGroupLayout(LAYOUT)] }),
};

const CREATION = ["throw", "validation", "out-of-memory", "internal", "lose"] as const;
const SUBMISSION = ["throw", "validation", "lose"] as const;
const WAITING = ["throw", "reject", "hang", "lose"] as const;

/** The faults that each call may have. */
export const FAULTS: Readonly<Record<string, readonly Fault[]>> = {
  ...Object.fromEntries(Object.keys(INVALID).map((call) => [call, CREATION])),
  createCommandEncoder: ["throw", "lose"],
  beginComputePass: ["throw", "lose"],
  finish: ["throw", "lose"],
  submit: SUBMISSION,
  writeBuffer: SUBMISSION,
  createComputePipelineAsync: WAITING,
  mapAsync: WAITING,
  getMappedRange: ["throw"],
  onSubmittedWorkDone: WAITING,
  popErrorScope: ["reject", "hang", "lose"],
};

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, configurable: true, writable: true });
}

/** Returns the target with these methods instead; the others are its own. */
function overlay<T extends object>(target: T, methods: Record<string, unknown>): T {
  return new Proxy(target, {
    get(_, name) {
      if (Object.hasOwn(methods, name)) return methods[name as string];
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** Wraps a device. Its counters start anew, and the library knows nothing about it. */
export function faultyDevice(real: GPUDevice, faultFor: FaultFor) {
  const scopes: { filter: GPUErrorFilter; error: Error | null }[] = [];
  const uncaptured: { readonly message: string }[] = [];
  const live = new Set<GPUBuffer>();
  real.onuncapturederror = (event) => {
    event.preventDefault(); // or it is printed
    uncaptured.push(event.error);
  };

  function report(filter: GPUErrorFilter): void {
    const error = new ERRORS[filter]("injected");
    const scope = scopes.findLast((open) => open.filter === filter);
    if (scope) scope.error ??= error;
    else uncaptured.push(error);
  }

  /** The device's own errors about an invalid object go nowhere. */
  function quietly<T>(work: () => T): T {
    for (const filter of ["validation", "internal"] as const) real.pushErrorScope(filter);
    const made = work();
    for (let i = 0; i < 2; i++) real.popErrorScope().catch(() => {});
    return made;
  }

  function faulty(call: string, work: Call): Call {
    return (...args) => {
      if (call === "submit" && args[0].length === 0) return work(...args); // nothing can be refused
      const fault = faultFor(call);
      if (fault === null) return work(...args);
      if (fault === "throw") throw new TypeError(`injected into ${call}`);
      if (fault === "hang" || fault === "reject") {
        Promise.resolve(work(...args)).catch(() => {}); // the real scopes stay balanced
        if (fault === "hang") return new Promise(() => {});
        return Promise.reject(new DOMException(`injected into ${call}`, "OperationError"));
      }
      if (fault === "lose") {
        const result = work(...args);
        real.destroy();
        return result;
      }
      report(fault);
      return INVALID[call] && quietly(() => INVALID[call]?.(real, args[0] as never));
    };
  }

  const methods: Record<string, unknown> = {};
  for (const call of Object.keys(FAULTS)) {
    const method = Reflect.get(real, call) as Call | undefined;
    if (method) methods[call] = faulty(call, method.bind(real));
  }
  const createBuffer = methods.createBuffer as Call;
  methods.createBuffer = (descriptor: GPUBufferDescriptor) => {
    const buffer: GPUBuffer = createBuffer(descriptor);
    const destroy = buffer.destroy.bind(buffer);
    live.add(buffer);
    define(buffer, "destroy", () => {
      live.delete(buffer);
      destroy();
    });
    for (const call of ["mapAsync", "getMappedRange"] as const) {
      define(buffer, call, faulty(call, (buffer[call] as Call).bind(buffer)));
    }
    return buffer;
  };
  const createCommandEncoder = methods.createCommandEncoder as Call;
  methods.createCommandEncoder = (descriptor: GPUCommandEncoderDescriptor) => {
    const encoder: GPUCommandEncoder = createCommandEncoder(descriptor);
    for (const call of ["beginComputePass", "finish"] as const) {
      define(encoder, call, faulty(call, (encoder[call] as Call).bind(encoder)));
    }
    return encoder;
  };
  methods.pushErrorScope = (filter: GPUErrorFilter) => {
    scopes.push({ filter, error: null });
    real.pushErrorScope(filter);
  };
  methods.popErrorScope = faulty("popErrorScope", () => {
    const scope = scopes.pop();
    return real.popErrorScope().then((error) => error ?? scope?.error ?? null);
  });
  const { queue } = real;
  const queueMethods = ["submit", "writeBuffer", "onSubmittedWorkDone"].map((call) => {
    return [call, faulty(call, (Reflect.get(queue, call) as Call).bind(queue))];
  });
  methods.queue = overlay(queue, Object.fromEntries(queueMethods));
  return { device: overlay(real, methods), live, uncaptured, openScopes: () => scopes.length };
}
