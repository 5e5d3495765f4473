// The page starts here: the state from the address, the first picture, the GPU, and then the stations.

import { byId, html } from "./base/dom";
import { createEngine } from "./engine/engine";
import type { Trouble } from "./engine/open_context";
import { bindSharing } from "./sharing/sharing";
import { imagesInput } from "./sources/input";
import { loadSamples } from "./sources/photographs";
import { createStore } from "./state/store";

const store = createStore();

const say = (text: string) => {
  byId("status").textContent = text;
};

const setPageState = (state: "loading" | "running" | "done" | "failed") => {
  document.documentElement.dataset.state = state;
};

const engine = createEngine({
  found: ({ context: { profile } }) => {
    adapter = `${profile.name}${profile.software ? ", in software" : ""}`;
    byId("notice").hidden = true;
    sharing.refresh();
  },
  missing: (trouble) => {
    showTrouble(trouble);
    sharing.refresh();
  },
  refused: (message) => fail(new Error(message)),
});
let adapter = "";

const sharing = bindSharing({ store, engine, say, adapter: () => adapter, failed: fail });

function fail(error: unknown): void {
  console.error(error);
  setPageState("failed");
}

function showTrouble({ title, remedy, lost }: Trouble): void {
  const notice = byId("notice");
  notice.replaceChildren(html("strong", {}, title), ` ${remedy}`);
  if (lost) {
    const again = html("button", { type: "button" }, "Start again");
    again.addEventListener("click", () => void engine.reopen());
    notice.append(" ", again);
  }
  notice.hidden = false;
}

byId("lead").textContent =
  "Six photographs, eight feature maps each. Choose the axes that are averaged over: cells of one " +
  "colour share one mean and one deviation.";

loadSamples()
  .then((photographs) => {
    sharing.use(imagesInput(photographs));
    setPageState("done");
  })
  .catch(fail);
