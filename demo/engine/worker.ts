// The worker computes references in float64, off the page's own thread.

import { type Answer, type Question, reference } from "../norms/reference";

const jobs = {
  reference(question: Question): Answer {
    return reference(question);
  },
};

export type Jobs = typeof jobs;

interface Request {
  readonly id: number;
  readonly job: keyof Jobs;
  readonly input: never;
}

addEventListener("message", ({ data }: MessageEvent<Request>) => {
  try {
    postMessage({ id: data.id, output: jobs[data.job](data.input) });
  } catch (error) {
    postMessage({ id: data.id, error: String(error) });
  }
});
