// This file is the page's side of the worker: one promise per job.

import type { Jobs } from "./worker";

interface Reply {
  id: number;
  output?: unknown;
  error?: string;
}

interface Waiting {
  resolve: (output: never) => void;
  reject: (error: Error) => void;
}

const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
const waiting = new Map<number, Waiting>();
let lastId = 0;

worker.addEventListener("message", ({ data }: MessageEvent<Reply>) => {
  const job = waiting.get(data.id);
  waiting.delete(data.id);
  if (data.error === undefined) job?.resolve(data.output as never);
  else job?.reject(new Error(`worker: ${data.error}`));
});

worker.addEventListener("error", (event) => {
  for (const job of waiting.values()) job.reject(new Error(`worker: ${event.message}`));
  waiting.clear();
});

export function inWorker<K extends keyof Jobs>(
  job: K,
  input: Parameters<Jobs[K]>[0],
): Promise<ReturnType<Jobs[K]>> {
  return new Promise((resolve, reject) => {
    const id = ++lastId;
    waiting.set(id, { resolve, reject });
    worker.postMessage({ id, job, input });
  });
}
