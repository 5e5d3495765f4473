// The page "Measure on your GPU" starts here: it names the browser and the device, and binds its
// two runs.

import { WORKLOADS } from "../../bench/workloads";
import { byId } from "../base/dom";
import { messageOf } from "../engine/open_context";
import { choiceOf } from "./choice";
import { startGpu } from "./gpu_client";
import { setBusy, showBrowser, showFacts, showNotice } from "./page";
import { bindPlans } from "./plans_section";
import { bindTimes } from "./times_section";

const choice = choiceOf(location.search);

async function nameDevice(): Promise<void> {
  const gpu = startGpu(() => {});
  try {
    const found = await gpu.call("open");
    if (!("title" in found)) return showFacts(found);
    byId("adapter").textContent = "none";
    showNotice(found.title, found.remedy);
  } catch (error) {
    showNotice(messageOf(error));
  } finally {
    gpu.end();
    setBusy(choice.workloads.length === 0);
  }
}

function choiceText(): string {
  const { text, workloads, pace } = choice;
  if (workloads.length === 0) return `No operation has “${text}” in its title.`;
  const [some, all] = [workloads.length, WORKLOADS.length];
  const which = text === "" ? `all ${all}` : `${some} of ${all}, with “${text}” in their titles`;
  return `Operations: ${which}. Rounds of each: ${pace.rounds}.`;
}

setBusy(true);
showBrowser();
byId("choice").textContent = choiceText();
bindTimes(choice);
bindPlans(choice);
void nameDevice();
