// The section on offsets measures the error at each offset and draws the chart.

import { sweepChart } from "./charts";
import { byId, html } from "./dom";
import { type Page, prepare, say } from "./run";
import { short, whole } from "./settings";
import { sweepOffsets } from "./sweep";

export async function measureOffsets(page: Page, ensureWanted: () => void): Promise<void> {
  const { context } = page;
  if (!context) return;
  const settings = { ...page.settings };
  const { input } = await prepare(page);
  const points = await sweepOffsets(context, input, settings, (offset) => {
    ensureWanted();
    say(`Measuring the error at offset ${whole(offset)}`);
  });
  const { groups, eps } = settings;
  const caption = `Input [${input.shape.join(", ")}], groups ${groups}, eps ${short(eps)}`;
  const target = byId("sweep-chart");
  const chart = sweepChart(points, Math.min(720, target.clientWidth));
  target.replaceChildren(chart, html("figcaption", {}, caption));
  say("Done: error measured at every offset");
}
