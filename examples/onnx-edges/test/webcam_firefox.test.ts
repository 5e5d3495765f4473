// The webcam's way in Firefox, on its fake camera. Nothing drives that browser: a script in the page
// presses the button and reports.

import { createServer } from "vite";
import { expect, test } from "vitest";
import { findFirefox, openFirefox } from "../../../scripts/lib/firefox.mjs";
import { at } from "./page";

/** What the page reports: its button's text, its state, its tracks, the bytes of its image. */
interface Report {
  readonly button: string;
  readonly state: string;
  readonly tracks: readonly string[];
  readonly image: number;
}

const SCRIPT = `
  const found = (query) => document.querySelector(query);
  const streams = [];
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    streams.push(await ask(wanted));
    return streams[0];
  };
  const until = async (holds) => {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 50));
  };
  let frames = 0;
  const draw = CanvasRenderingContext2D.prototype.putImageData;
  CanvasRenderingContext2D.prototype.putImageData = function (...args) {
    frames++;
    return draw.apply(this, args);
  };
  const report = () => ({
    button: found("#webcam").textContent,
    state: found("#state").textContent,
    tracks: streams.flatMap((stream) => stream.getTracks().map((track) => track.readyState)),
    image: found("#image").getContext("2d").getImageData(0, 0, 224, 224).data.reduce((a, b) => a + b, 0),
  });
  const reports = [];
  await until(() => document.body.dataset.done);
  reports.push(report());
  found("#webcam").click();
  await until(() => frames >= 6);
  reports.push(report());
  found("#webcam").click();
  await until(() => found("#webcam").textContent === "webcam");
  reports.push(report());
  await fetch("/report", { method: "POST", body: JSON.stringify(reports) });`;

const firefox = await findFirefox();
const testWith = firefox ? test : test.skip;
const skipped = firefox ? "" : " (skipped: no Firefox with WebGPU is here)";

testWith(
  `the camera starts, gives frames and is let go in Firefox${skipped}`,
  async () => {
    let told: (text: string) => void = () => {};
    const text = new Promise<string>((resolve) => {
      told = resolve;
    });
    const server = await createServer({
      root: at(".."),
      logLevel: "error",
      server: { host: "127.0.0.1", port: 0 },
      plugins: [
        {
          name: "report",
          transformIndexHtml: () => [
            { tag: "script", attrs: { type: "module" }, children: SCRIPT, injectTo: "body" },
          ],
          configureServer: ({ middlewares }) => {
            middlewares.use("/report", async (request, response) => {
              told(Buffer.concat(await request.toArray()).toString());
              response.end();
            });
          },
        },
      ],
    });
    await server.listen();
    const camera = {
      "media.navigator.streams.fake": true,
      "media.navigator.permission.disabled": true,
    };
    const [url = ""] = server.resolvedUrls?.local ?? [];
    const browser = openFirefox(firefox as NonNullable<typeof firefox>, url, camera);
    try {
      const [before, during, after] = JSON.parse(await text) as [Report, Report, Report];
      expect([before.button, before.tracks]).toEqual(["webcam", []]);
      expect([during.button, during.tracks]).toEqual(["stop", ["live"]]);
      expect(during.image).not.toBe(before.image);
      expect([after.button, after.tracks]).toEqual(["webcam", ["ended"]]);
      for (const { state } of [before, during, after]) expect(state).toMatch(/^\d+ ms on /);
    } finally {
      await browser.close();
      await server.close();
    }
  },
  180_000,
);
