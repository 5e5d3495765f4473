// This test trains the networks of the experiment in a page to their last step, and prints the curve.

import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Experiment } from "../../demo/experiment/experiment";
import { launchBrowser } from "../../scripts/lib/browser.mjs";
import { complaintsOf, serveDemo } from "../../scripts/lib/demo.mjs";

let server: Awaited<ReturnType<typeof serveDemo>>;
let browser: Browser;

beforeAll(async () => {
  server = await serveDemo();
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await server?.vite.close();
});

/** The page imports the demo's own modules. */
const MODULES = `
  import { trainingBatch } from "/experiment/data.ts";
  import { createFloat64Experiment } from "/experiment/float64/experiment.ts";
  import { createExperimentInWorker } from "/experiment/float64/in_worker.ts";
  import { createExperiment } from "/experiment/gpu.ts";
  import { labelOf } from "/experiment/kinds.ts";
  import { MLP, SMALL } from "/experiment/spec.ts";
  import { openContext } from "/engine/open_context.ts";
  globalThis.modules = {
    createExperiment, createExperimentInWorker, createFloat64Experiment, labelOf, MLP, openContext,
    SMALL, trainingBatch,
  };`;

/** A page of the server with these modules; whatever it shows will do. */
async function openPage() {
  const page = await browser.newPage();
  const complaints = complaintsOf(page);
  await page.route("**/favicon.ico", (route) => route.fulfill({ status: 204 }));
  await page.goto(`${server.url}cost/copy.wgsl`);
  await page.addScriptTag({ type: "module", content: MODULES });
  await page.waitForFunction("globalThis.modules");
  return { page, complaints };
}

/** Shares of wrong answers after so many steps, [kind][seed], and the time since the start. */
interface Point {
  readonly step: number;
  readonly seconds: number;
  readonly errors: readonly (readonly number[])[];
}

interface Curve {
  readonly labels: readonly string[];
  readonly secondsToReady: number;
  readonly points: readonly Point[];
}

test.concurrent("BatchNorm over few examples fails, and GroupNorm does not", async () => {
  const { page, complaints } = await openPage();
  const { labels, secondsToReady, points }: Curve = await page.evaluate(async () => {
    const { createExperiment, labelOf, MLP, openContext } = Reflect.get(globalThis, "modules");
    const start = performance.now();
    const context = await openContext();
    const experiment = await createExperiment(context, MLP);
    const secondsToReady = (performance.now() - start) / 1000;
    const points: Point[] = [];
    for (const step of [64, 128, 256, MLP.steps]) {
      await experiment.train(step - experiment.losses.length);
      const errors = await experiment.evaluate("running");
      points.push({ step, errors, seconds: (performance.now() - start) / 1000 });
    }
    experiment.destroy();
    context.destroy();
    return { labels: MLP.kinds.map(labelOf), secondsToReady, points };
  });

  const percent = (shares: readonly number[]) =>
    (100 * shares.reduce((a, b) => a + b)) / shares.length;
  const table = points.map(({ step, seconds, errors }) => {
    const columns = errors.map((seeds, k) => [labels[k], percent(seeds).toFixed(1)]);
    return { step, seconds: seconds.toFixed(1), ...Object.fromEntries(columns) };
  });
  console.log(`ready after ${secondsToReady.toFixed(1)} s; errors on the test digits in percent:`);
  console.table(table);

  const [, at128, , last] = points.map(({ errors }) => errors.map(percent));
  const [all32, of16, of8, of4, of2, group] = at128;
  expect(of2).toBeGreaterThan(of4);
  expect(of4).toBeGreaterThan(of8);
  expect(of8).toBeGreaterThan(Math.min(all32, of16));
  expect(group).toBeLessThan(of8);
  expect(last[4]).toBeGreaterThan(70); // BatchNorm over 2; 90 is chance
  expect(last[5]).toBeLessThan(10);
  expect(last[0]).toBeLessThan(10);
  expect(complaints).toEqual([]);
  await page.close();
});

test.concurrent("without a GPU a worker trains the networks in float64", async () => {
  const { page, complaints } = await openPage();
  const [found, expected] = await page.evaluate(async () => {
    const { createExperimentInWorker, createFloat64Experiment, SMALL, trainingBatch } = Reflect.get(
      globalThis,
      "modules",
    );
    const picture = trainingBatch(SMALL, 0, 9).pictures.slice(0, 256);
    const neighbours = trainingBatch(SMALL, 0, 10).pictures;
    const results = async (create: (spec: unknown) => Experiment) => {
      const experiment = create({ ...SMALL, testDigits: 32 });
      await experiment.train(3);
      await experiment.train(2);
      const answers = await experiment.answers(picture, { statistics: "batch", neighbours });
      const errors = await experiment.evaluate("running");
      const { losses } = experiment;
      experiment.destroy();
      return { losses, answers, errors };
    };
    return [await results(createExperimentInWorker), await results(createFloat64Experiment)];
  });
  expect(found.losses).toHaveLength(5);
  expect(found).toEqual(expected);
  expect(complaints).toEqual([]);
  await page.close();
});
