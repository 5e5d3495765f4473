// Progress is a bar on a terminal, else a line at each quarter, and when the last worker has gone.

import { SingleBar } from "cli-progress";

const FORMAT = "{bar} {value} of {total} blocks | {notes} | {eta_formatted} left";

/** @returns {{ at: (progress: import("./types.d.ts").Progress) => void, stop: () => void }} */
export function progressBar() {
  const { stderr } = process;
  const bar = new SingleBar({ format: FORMAT, stream: stderr, hideCursor: true });
  let quarter = -1;
  let wereThere = true;
  return {
    at: ({ done, failed, all, workers }) => {
      const notes = [
        ...(workers === 0 ? ["no worker: npm run worker"] : workers ? [`${workers} workers`] : []),
        ...(failed ? [`${failed} failed`] : []),
      ].join(", ");
      if (stderr.isTTY) {
        if (!bar.isActive) bar.start(all, 0, { notes });
        bar.update(done, { notes });
      } else if (Math.floor((4 * done) / all) > quarter || (wereThere && workers === 0)) {
        quarter = Math.floor((4 * done) / all);
        console.error(`${done} of ${all} blocks${notes && `, ${notes}`}`);
      }
      wereThere = workers !== 0;
    },
    stop: () => bar.stop(),
  };
}
