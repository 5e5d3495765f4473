// The engine answers what the page asks: by the library on the GPU, with the reference beside it, or
// by the reference alone where there is no GPU.

import type { Context } from "../../src/index";
import { type NormId, type Preset, presetOf } from "../norms/presets";
import { type Answer, largestError, type Question, reference } from "../norms/reference";
import type { Trouble } from "./open_context";
import { inWorker } from "./worker_client";

export interface Outcome extends Omit<Answer, "y"> {
  readonly y: ArrayLike<number>;
  readonly by: "gpu" | "float64";
  /** The largest difference between the GPU's result and float64. */
  readonly error?: number;
  readonly milliseconds?: number;
}

/** Without a preset the norm's own is meant. */
export type Asked = Omit<Question, "preset"> & {
  readonly norm: NormId;
  readonly preset?: Preset;
};

export interface Gpu {
  readonly context: Context;
  readonly module: typeof import("./gpu");
}

export interface Engine {
  /** Resolves when it is known whether there is a GPU. */
  readonly opened: Promise<Gpu | Trouble>;
  /** The GPU as long as it is there. */
  gpu(): Gpu | undefined;
  /** Works on the GPU. Returns undefined where there is none, or where it is lost meanwhile. */
  onGpu<T>(work: (gpu: Gpu) => Promise<T>): Promise<T | undefined>;
  /** Whether there is a GPU, or may be one soon. */
  isAwaited(): boolean;
  /** Answers; `first` gets the answer in float64 if it is there before that of the GPU. */
  ask(asked: Asked, first?: (outcome: Outcome) => void): Promise<Outcome>;
  /** Opens the GPU again after it was lost. */
  reopen(): Promise<Gpu | Trouble>;
}

export interface Events {
  /** The GPU is there. */
  readonly found: (gpu: Gpu) => void;
  /** There is none, or it was lost. */
  readonly missing: (trouble: Trouble) => void;
  /** The GPU refused something, which never should be. */
  readonly refused: (message: string) => void;
}

const questionOf = ({ norm, preset = presetOf(norm), ...rest }: Asked): Question => ({
  preset,
  ...rest,
});

/** Answers at once, for the first picture. */
export function answerNow(asked: Asked): Outcome {
  return { ...reference(questionOf(asked)), by: "float64" };
}

export function createEngine(events: Events): Engine {
  let gpu: Gpu | undefined;
  let isOpening = true;

  async function open(): Promise<Gpu | Trouble> {
    const [{ openContext }, module] = await Promise.all([
      import("./open_context"),
      import("./gpu"),
    ]);
    const context = await openContext();
    isOpening = false;
    if ("title" in context) {
      events.missing(context);
      return context;
    }
    const opened = { context, module };
    gpu = opened;
    context.device.addEventListener("uncapturederror", ({ error }) =>
      events.refused(error.message),
    );
    void context.device.lost.then(({ message }) => {
      if (gpu !== opened) return;
      gpu = undefined;
      context.destroy();
      const reason = message ? ` The browser says: ${message}` : "";
      events.missing({
        title: "The GPU was lost.",
        remedy: `The page goes on in float64.${reason}`,
        lost: true,
      });
    });
    events.found(opened);
    return opened;
  }

  const opened = open();

  async function onGpu<T>(work: (gpu: Gpu) => Promise<T>): Promise<T | undefined> {
    const used = gpu;
    if (!used) return undefined;
    try {
      return await work(used);
    } catch (error) {
      if (await isLost(used)) return undefined;
      throw error;
    }
  }

  return {
    opened,
    gpu: () => gpu,
    isAwaited: () => isOpening || gpu !== undefined,
    onGpu,
    reopen: open,
    async ask(asked, first) {
      const question = questionOf(asked);
      const computing = onGpu(({ context, module }) =>
        module.compute(context, asked.norm, question),
      );
      const answering = inWorker("reference", question);
      if (first)
        void answering.then(
          (answer) => first({ ...answer, by: "float64" }),
          () => {},
        );
      const [computed, answer] = await Promise.all([computing, answering]);
      if (!computed) return { ...answer, by: "float64" };
      const { y, shared, milliseconds } = computed;
      const error = largestError(y, answer.y);
      return { ...answer, ...shared, y, milliseconds, error, by: "gpu" };
    },
  };
}

/** The loss of a device may be told a little later than its work fails. */
const isLost = ({ context }: Gpu): Promise<boolean> =>
  Promise.race([
    context.device.lost.then(() => true),
    new Promise<boolean>((resolve) => setTimeout(resolve, 200, false)),
  ]);
