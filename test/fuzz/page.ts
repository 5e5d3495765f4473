// The fuzzer runs in a page: its work comes in the address, its steps go to the server.

import { fuzz } from "./main";

let sent: Promise<unknown> = Promise.resolve();

/** In order: each waits for the one before. */
function tell(step: object): void {
  const body = JSON.stringify(step);
  sent = sent.then(() => fetch("/report", { method: "POST", body }));
}

const work = JSON.parse(decodeURIComponent(location.hash.slice(1)));
fuzz(work, tell).catch((error) => tell({ step: "stopped", error: String(error) }));
