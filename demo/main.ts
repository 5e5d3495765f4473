// The page starts here: the state from the address, the first picture, the GPU, and then the stations.

import { byId, html } from "./base/dom";
import { createEngine } from "./engine/engine";
import type { Trouble } from "./engine/open_context";
import type { ViewId } from "./norms/presets";
import { bindSharing } from "./sharing/sharing";
import { type Input, imagesInput, tokensInput } from "./sources/input";
import { loadSamples, type Photograph } from "./sources/photographs";
import { EXAMPLES } from "./sources/shapes";
import { createStore } from "./state/store";
import { leadOf } from "./static/leads";
import { stationOf } from "./stations/titles";

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
    changed();
  },
  missing: (trouble) => {
    adapter = "";
    showTrouble(trouble);
    changed();
  },
  refused: (message) => {
    refused.push(message);
    fail(new Error(message));
  },
});
let adapter = "";
const refused: string[] = [];

const sharing = bindSharing({
  ...{ store, engine, say, adapter: () => adapter },
  viewed: () => showView(),
  failed: fail,
});

const listeners: (() => void)[] = [];

/** The photographs are others, or the GPU came or went. */
function changed(): void {
  sharing.refresh();
  for (const listener of listeners) listener();
}

let photographs: readonly Photograph[] = [];
let input: Input | undefined;

function use(given: readonly Photograph[]): void {
  photographs = given;
  showView();
}

const viewButtons = byId("views").querySelectorAll<HTMLButtonElement>("[value]");
const one = byId<HTMLButtonElement>("one-example");

/** Shows the pictures or the tokens. */
function showView(): void {
  const { view, examples } = store.state();
  input = view === "images" ? imagesInput(photographs, examples) : tokensInput();
  byId("lead").textContent = leadOf({ view, examples });
  for (const button of viewButtons) {
    button.setAttribute("aria-pressed", String(button.value === view));
  }
  one.hidden = view !== "images";
  one.setAttribute("aria-pressed", String(examples === 1));
  sharing.use(input);
}

for (const button of viewButtons) {
  button.addEventListener("click", () => {
    store.set({ view: button.value as ViewId, cell: -1 }, "choice");
  });
}
one.addEventListener("click", () => {
  const examples = store.state().examples === 1 ? EXAMPLES : 1;
  store.set({ examples, cell: -1 }, "choice");
});

byId("card").addEventListener("beforetoggle", ({ newState }) => {
  if (newState !== "open") return;
  import("./sharing/code_card")
    .then(({ fillCard }) => fillCard(byId("card"), store, say))
    .catch(fail);
});

let samples: readonly Photograph[] = [];

/** Own photographs come first, and those of the page fill the rows that are left. */
async function useFiles(files: readonly File[]): Promise<string> {
  const { loadFiles } = await import("./sources/own_photographs");
  const { photographs: own, complaint } = await loadFiles(files);
  if (own.length === 0) return `No photograph among these files. ${complaint}`;
  use([...own, ...samples].slice(0, EXAMPLES));
  for (const listener of listeners) listener();
  const names = own.map(({ name }) => name).join(", ");
  const rest = own.length < EXAMPLES ? " Those of the page fill the other rows." : "";
  return `Your own: ${names}.${rest} ${complaint} They stay in this page, and in no link.`;
}

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

loadSamples()
  .then((loaded) => {
    samples = loaded;
    use(loaded);
    whenWanted(() => void showStations().catch(fail));
    return new URLSearchParams(location.search).has("report") ? leaveReport() : undefined;
  })
  .then(() => setPageState("done"))
  .catch(fail);

byId("rail").addEventListener("click", (event) => {
  const at = stationOf(event.target);
  if (at === undefined) return;
  event.preventDefault();
  store.set({ at }, "choice");
});

/** The stations wait for a visitor who scrolls, or follows a link to one of them. */
function whenWanted(show: () => void): void {
  let isWanted = false;
  const want = () => {
    if (!isWanted) show();
    isWanted = true;
  };
  if (store.state().at || scrollY > 0) want();
  addEventListener("scroll", want, { once: true, passive: true });
  store.watch(({ state }) => {
    if (state.at) want();
  });
}

async function showStations(): Promise<void> {
  const { bindStations } = await import("./stations/stations");
  bindStations(byId("rail"), {
    ...{ store, engine, say, useFiles, failed: fail },
    adapter: () => adapter,
    photographs: () => photographs,
    onChange: (listener) => listeners.push(listener),
  });
}

async function leaveReport(): Promise<void> {
  const { makeReport } = await import("./report/report");
  const options = { engine, input: input as Input, photographs, progress: say, refused };
  globalThis.normReport = await makeReport(options);
  say("The report is there");
}

addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => {
  event.preventDefault();
  void useFiles([...(event.dataTransfer?.files ?? [])]).then(say, fail);
});
