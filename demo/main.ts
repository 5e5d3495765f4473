// The page starts here: it binds the form, loads the photographs, opens the GPU, and updates the
// results.

import { entryAt } from "../src/base/entry";
import { bindControls } from "./controls";
import { drawCubes } from "./cubes";
import { byId, html } from "./dom";
import { BANK } from "./filters";
import { type Job, latestOnly } from "./latest_only";
import { measureOffsets } from "./offsets";
import { messageOf, openContext, type Trouble } from "./open_context";
import { loadFiles, loadSamples, type Photo } from "./photos";
import { type State, setState } from "./report";
import { failedReport, type Page, rows, runComparison, say, shapeOf, showInput } from "./run";
import { DEFAULTS, type Settings } from "./settings";

const INTRO = {
  images:
    "After a norm, middle grey is the mean, white three standard deviations above it, black three " +
    "below. Under each histogram there is a mark for the mean of every example and channel: where " +
    "they meet, the norm has made pictures and channels alike.",
  features:
    "One of the 32 feature maps is shown. After a norm, middle grey is the mean, white three standard " +
    "deviations above it, black three below. The histograms are of all 32 maps; under each there is a mark " +
    "for the mean of every example and map.",
};

/** Sliders come to rest for this long before a run starts. */
const REST_MS = 120;

const page: Page = {
  settings: { ...DEFAULTS },
  photos: [],
  source: "",
  context: undefined,
  gpuErrors: [],
  shown: undefined,
};
let samples: Photo[] = [];
let trouble: Trouble | undefined;
let timer = 0;

const latest = latestOnly((error) => fail(messageOf(error)));

const compareJob: Job = async (ensureWanted) => {
  if (page.photos.length === 0) return;
  if (!page.context) {
    await showInput(page, ensureWanted);
    fail(trouble?.title ?? "no WebGPU");
    return;
  }
  const report = await runComparison(page, page.context, ensureWanted);
  ensureWanted();
  globalThis.normReport = report;
  byId("notice").hidden = true;
  const passed = report.checks.every((check) => check.passed);
  say(passed ? "Done: all checks passed" : "Done, but a check failed: see below the table");
  enter("done");
};

function fail(message: string): void {
  globalThis.normReport = failedReport(page, message);
  if (!trouble) showNotice("The comparison stopped.", `${message}. Another setting may work.`);
  const [line] = (trouble?.title ?? message).split("\n");
  say(`Stopped: ${line}`);
  enter("failed");
}

/** The offsets are measured only between runs, so as not to disturb one. */
function enter(state: State): void {
  setState(state);
  byId<HTMLButtonElement>("sweep").disabled = state !== "done";
}

/** The cubes follow at once, the rest when the slider rests. */
function update(delay = REST_MS): void {
  const { kind, groups } = page.settings;
  const shape = shapeOf(page.settings);
  drawCubes(byId("cubes"), shape, groups);
  rows.texts(kind, shape, groups);
  byId("shape").textContent = `[${shape.join(", ")}]`;
  byId("pictures-intro").textContent = INTRO[kind];
  enter("running");
  latest.stop();
  clearTimeout(timer);
  timer = window.setTimeout(() => latest.run(compareJob), delay);
}

function usePhotos(photos: Photo[], source: string, note: string): void {
  page.photos = photos;
  page.source = source;
  byId("source").textContent = note;
  byId("samples").hidden = photos === samples;
  update(0);
}

const useSamples = () =>
  usePhotos(
    samples,
    "sample photographs",
    "Three photographs from the 19th century, and parts of them.",
  );

async function useFiles(files: readonly File[]): Promise<void> {
  say("Reading the photographs");
  const { photos, unreadable } = await loadFiles(files);
  const complaint = unreadable.length > 0 ? ` Not readable here: ${unreadable.join(", ")}.` : "";
  if (photos.length === 0) {
    const nothing = `No photograph among these files.${complaint}`;
    byId("source").textContent = nothing;
    say(nothing);
    return;
  }
  const names = photos.map((photo) => photo.name).join(", ");
  usePhotos(photos, `own files: ${names}`, `Your own: ${names}.${complaint}`);
}

const showSettings = bindControls((channel) => `${channel}: ${entryAt(BANK, channel).name}`, {
  change(patch: Partial<Settings>) {
    Object.assign(page.settings, patch);
    if (patch.kind) showSettings(page.settings);
    update();
  },
  show(channel) {
    page.settings.channel = channel;
    if (page.shown?.kind === "features") rows.redraw(page.shown, channel);
  },
  files: (files) => void useFiles(files),
  samples: useSamples,
});

function showNotice(title: string, text: string, action?: HTMLButtonElement): void {
  const notice = byId("notice");
  notice.replaceChildren(html("strong", {}, title), ` ${text}`, ...(action ? [action] : []));
  notice.hidden = false;
}

function showTrouble(what: Trouble, action?: HTMLButtonElement): void {
  trouble = what;
  showNotice(what.title, what.remedy, action);
}

async function openGpu(): Promise<void> {
  say("Opening the GPU");
  const opened = await openContext();
  if ("title" in opened) {
    showTrouble(opened);
    // without a GPU only the input and the cubes are left
    document.documentElement.dataset.gpu = "missing";
    return;
  }
  page.context = opened;
  trouble = undefined;
  document.documentElement.dataset.gpu = "present";
  const { device, profile } = opened;
  byId("adapter").textContent = `on ${profile.name}${profile.software ? ", in software" : ""}`;
  const note = byId("software");
  note.hidden = !profile.software;
  note.textContent =
    `This browser computes on a software adapter (${profile.name}), not on a GPU. The values and errors ` +
    "are as on any device; the times are those of the processor and say little.";
  device.addEventListener("uncapturederror", ({ error }) => page.gpuErrors.push(error.message));
  void device.lost.then(({ message }) => {
    if (page.context !== opened) return;
    page.context = undefined;
    opened.destroy();
    lose(message);
  });
}

function lose(message: string): void {
  const again = html("button", { type: "button" }, "Start again");
  again.addEventListener("click", () => void openGpu().then(() => update(0)));
  const reason = message ? ` The browser says: ${message}` : "";
  showTrouble({ title: "The GPU was lost.", remedy: `Results below are old.${reason}` }, again);
  again.focus();
  fail("the GPU was lost");
}

byId("sweep").addEventListener("click", () =>
  latest.run((ensureWanted) => measureOffsets(page, ensureWanted)),
);

async function start(): Promise<void> {
  showSettings(page.settings);
  update();
  samples = await loadSamples();
  await openGpu();
  useSamples();
}

start().catch((error) => fail(messageOf(error)));
