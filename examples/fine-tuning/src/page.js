// The page: a checkpoint, a choice, a fine-tuning that can be watched, and files for PyTorch.

import { createContext } from "webgpu-norm";
import { accuracyChart, lossChart } from "./charts.js";
import { SIDE } from "./digits.js";
import { batchOf, FineTuning, heldOut, STEPS } from "./fine_tuning.js";
import { compile } from "./kernels.js";
import { readSafetensors, writeSafetensors } from "./safetensors.js";

const SHOWN = 20; // digits
const BETWEEN_SCORES = 15; // steps

/** @typedef {import("./fine_tuning.js").Score} Score */

const found = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
const percent = (/** @type {number} */ share) => `${(100 * share).toFixed(1)} %`;
const tell = (/** @type {string} */ text) => {
  found("state").textContent = text;
};

/** @param {Float32Array} image from -1, black, to 1, white */
function pictureOf(image) {
  const pixels = new ImageData(SIDE, SIDE);
  for (const [i, tone] of image.entries()) {
    const level = 255 * (0.5 + 0.4 * tone);
    pixels.data.set([level, level, level, 255], 4 * i);
  }
  const canvas = Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE });
  canvas.getContext("2d")?.putImageData(pixels, 0, 0);
  return canvas;
}

/** @param {import("./digits.js").Digits} digits @param {Score} before @param {Score} now */
function showDigits({ images, labels }, before, now) {
  const items = Array.from(labels.subarray(0, SHOWN), (label, i) => {
    const item = document.createElement("li");
    const canvas = pictureOf(images.subarray(i * SIDE * SIDE, (i + 1) * SIDE * SIDE));
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `a ${label}`);
    const [first, last] = [before, now].map(({ answers }) => {
      const right = answers[i] === label;
      const answer = document.createElement("span");
      answer.className = right ? "right" : "wrong";
      answer.textContent = `${answers[i]} ${right ? "✓" : "✗"}`;
      return answer;
    });
    item.append(canvas, first ?? "", " → ", last ?? "");
    return item;
  });
  found("digits").replaceChildren(...items);
}

/** @param {string} name @param {Uint8Array<ArrayBuffer>} bytes */
function download(name, bytes) {
  const href = URL.createObjectURL(new Blob([bytes]));
  Object.assign(document.createElement("a"), { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 10_000); // a browser may read it after the click
}

const BUTTONS = ["start", "model", "held-out"];

/** A checkpoint with the choice of the page. Whoever makes another one ends it. */
class Session {
  /** @type {number[]} */ #losses = [];
  /** @type {import("./charts.js").Accuracy[]} */ #accuracies = [];
  /** @type {Score | null} of the checkpoint */ #before = null;
  #ended = false;

  /**
   * @param {import("webgpu-norm").Context} context
   * @param {import("./kernels.js").Kernels} kernels
   * @param {import("./safetensors.js").State} checkpoint
   */
  constructor(context, kernels, checkpoint) {
    const choice = { style: found("style").value, part: found("part").value };
    this.context = context;
    this.tuning = new FineTuning(context, kernels, checkpoint, choice);
    this.digits = { new: heldOut(choice.style), pen: heldOut("pen") };
  }

  /** Scores the network, and shows all that is known. */
  async show() {
    if (this.#ended) return;
    const { digits, tuning } = this;
    const { steps: step } = tuning; // training may go on while this waits
    const [now, pen] = await Promise.all([tuning.score(digits.new), tuning.score(digits.pen)]);
    if (this.#ended) return;
    this.#before ??= now;
    const accuracies = { new: 100 * now.accuracy, pen: 100 * pen.accuracy };
    this.#accuracies.push({ step, ...accuracies });
    found("new").textContent = percent(now.accuracy);
    found("pen").textContent = percent(pen.accuracy);
    found("accuracy").replaceChildren(accuracyChart(this.#accuracies, STEPS));
    found("loss").replaceChildren(lossChart(this.#losses, STEPS));
    showDigits(this.digits.new, this.#before, now);
  }

  /** Trains to the end, unless the session ends before. */
  async run() {
    let ms = 0;
    while (this.tuning.steps < STEPS && !this.#ended) {
      const start = performance.now();
      const loss = await this.tuning.step();
      if (this.#ended) return;
      this.#losses.push(loss);
      ms += performance.now() - start;
      const { steps } = this.tuning;
      if (steps % BETWEEN_SCORES === 0) await this.show();
      if (this.#ended) return;
      const { name } = this.context.profile;
      tell(`step ${steps} of ${STEPS}, ${(ms / steps).toFixed(0)} ms each on ${name}`);
    }
  }

  async model() {
    return writeSafetensors(await this.tuning.network.stateDict());
  }

  /** The held-out digits, and what this network says of them. */
  async heldOut() {
    const { images, labels } = this.digits.new;
    const { logits } = await this.tuning.score(this.digits.new);
    return writeSafetensors({
      images: { shape: [labels.length, 1, SIDE, SIDE], data: images },
      labels: { shape: [labels.length], data: Float32Array.from(labels) },
      logits: { shape: [labels.length, logits.length / labels.length], data: logits },
    });
  }

  end() {
    this.#ended = true;
    this.tuning.destroy();
  }
}

/** @param {Session} session */
function countNumbers({ tuning: { network } }) {
  for (const option of found("part").options) {
    const parameters = [...network.parameters(option.value).values()];
    const count = parameters.reduce((sum, { data }) => sum + data.size, 0);
    option.dataset.name ??= option.textContent;
    option.textContent = `${option.dataset.name} (${count.toLocaleString("en")} numbers)`;
  }
}

try {
  const context = await createContext();
  const kernels = await compile(context.device);
  const url = new URL("../pretrained.safetensors", import.meta.url);
  let checkpoint = readSafetensors(await (await fetch(url)).arrayBuffer());
  /** @type {Session} */ let session;

  const begin = async (from = checkpoint) => {
    const next = new Session(context, kernels, from);
    checkpoint = from;
    tell("loading");
    session?.end();
    session = next;
    countNumbers(session);
    await next.show();
    if (session !== next) return; // another choice was made meanwhile
    tell(`the checkpoint is loaded on ${context.profile.name}`);
  };
  const telling = (/** @type {() => Promise<unknown>} */ work) => () =>
    work().catch((error) => tell(error.message));

  for (const id of ["style", "part"])
    found(id).addEventListener(
      "change",
      telling(() => begin()),
    );
  found("choice").addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    telling(async () => {
      for (const id of BUTTONS) found(id).disabled = true; // both files are of one step
      try {
        if (session.tuning.steps > 0) await begin();
        await session.run();
      } finally {
        for (const id of BUTTONS) found(id).disabled = false;
      }
    })();
  });
  found("checkpoint").addEventListener(
    "change",
    telling(async () => {
      const [file] = found("checkpoint").files;
      if (file) await begin(readSafetensors(await file.arrayBuffer()));
    }),
  );
  found("model").addEventListener(
    "click",
    telling(async () => download("model.safetensors", await session.model())),
  );
  found("held-out").addEventListener(
    "click",
    telling(async () => download("held_out.safetensors", await session.heldOut())),
  );
  await begin();
  for (const id of BUTTONS) found(id).disabled = false;
  Object.assign(globalThis, {
    batchOf,
    checkpoint,
    context,
    FineTuning,
    kernels,
    writeSafetensors,
  });
  document.body.dataset.done = "true";
} catch (error) {
  tell(/** @type {Error} */ (error).message);
}
