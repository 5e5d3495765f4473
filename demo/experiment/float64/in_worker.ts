// The page's side of the worker: an experiment like the others, which takes no time of the page.

import type { Experiment, PerNetwork } from "../experiment";
import type { Spec } from "../spec";
import type { Answer, Call, Method } from "./worker";

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

export function createExperimentInWorker(spec: Spec): Experiment {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  const waiting = new Map<number, Waiting>();
  const losses: PerNetwork<number>[] = [];
  let last = 0;

  function rejectAll(reason: string): void {
    for (const { reject } of waiting.values())
      reject(new Error(`the experiment's worker: ${reason}`));
    waiting.clear();
  }

  worker.addEventListener("message", ({ data }: MessageEvent<Answer>) => {
    losses.push(...data.losses);
    waiting.get(data.id)?.resolve(data.value as never);
    waiting.delete(data.id);
  });
  worker.addEventListener("error", ({ message }) => rejectAll(message));
  worker.postMessage(spec);

  const call =
    <M extends Method>(method: M) =>
    (...args: Parameters<Experiment[M]>): ReturnType<Experiment[M]> => {
      const id = ++last;
      const message: Call = { id, method, args: args as readonly never[] };
      const answer = new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        worker.postMessage(message);
      });
      return answer as ReturnType<Experiment[M]>;
    };
  return {
    spec,
    losses,
    train: call("train"),
    evaluate: call("evaluate"),
    answers: call("answers"),
    networks: call("networks"),
    destroy() {
      worker.terminate();
      rejectAll("it is destroyed");
    },
  };
}
