// A run does one thing for each workload on a device of its own, with a bar of progress and a button
// that stops it.

import { titleOf, type Workload } from "../../bench/workloads";
import { byId } from "../base/dom";
import { messageOf } from "../engine/open_context";
import { type Gpu, Stopped, startGpu } from "./gpu_client";
import type { Facts } from "./gpu_worker";
import { keepScreenOn, whileVisible } from "./visible_tab";

/** R is the result for one workload. */
export interface Task<R> {
  readonly workloads: readonly Workload[];
  begin(): void;
  opened(facts: Facts): void;
  work(gpu: Gpu, workload: Workload): Promise<R>;
  show(result: R): void;
  /** The message says why the run ended early; it is empty if all is done. */
  end(message: string): void;
}

/** Binds the elements whose ids begin so: start, stop, progress and status. */
export function bindRun<R>(prefix: string, task: Task<R>): void {
  const start = byId(`${prefix}-start`);
  const stop = byId<HTMLButtonElement>(`${prefix}-stop`);
  const progress = byId<HTMLProgressElement>(`${prefix}-progress`);
  const status = byId(`${prefix}-status`);
  let gpu: Gpu | undefined;

  async function run(): Promise<string> {
    let title = "Opening the GPU";
    const say = (step = "") => {
      status.textContent = step ? `${title}: ${step}` : title;
    };
    say();
    status.classList.remove("broken");
    gpu = startGpu(say);
    const letScreenGo = await keepScreenOn();
    try {
      task.opened(await opened(gpu));
      for (const [k, workload] of task.workloads.entries()) {
        const result = await whileVisible((again) => {
          title = `${k + 1} of ${task.workloads.length}: ${titleOf(workload)}`;
          if (again) title += ", once more, since the tab was hidden";
          say();
          return task.work(gpu as Gpu, workload);
        });
        task.show(result);
        progress.value = k + 1;
      }
      status.textContent = "Done";
      return "";
    } catch (error) {
      const message = messageOf(error);
      const stopped = error instanceof Stopped;
      status.classList.toggle("broken", !stopped);
      status.textContent = stopped ? "Stopped" : `Ended early. ${message}. You can start again.`;
      return message;
    } finally {
      gpu.end();
      letScreenGo();
    }
  }

  start.addEventListener("click", async () => {
    progress.max = task.workloads.length;
    progress.value = 0;
    progress.hidden = stop.hidden = false;
    task.begin();
    stop.focus();
    const message = await run();
    const hadFocus = document.activeElement === stop;
    stop.hidden = true;
    task.end(message);
    if (hadFocus) start.focus({ preventScroll: true });
  });
  stop.addEventListener("click", () => gpu?.end());
}

async function opened(gpu: Gpu): Promise<Facts> {
  const found = await gpu.call("open");
  if ("title" in found) throw new Error(`${found.title} ${found.remedy}`);
  return found;
}
