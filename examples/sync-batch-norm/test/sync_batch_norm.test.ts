// Four workers, or four tabs, have the loss of one machine with the whole batch. When one of them
// dies, the step fails for all.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright";
import { createServer, type ViteDevServer } from "vite";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../../scripts/lib/browser.mjs";
import { vulkan } from "../../../scripts/lib/vulkan.mjs";
import { openContext } from "../src/context.js";
import { startHub } from "../src/hub.js";
import { alone, batchOf, train } from "../src/network.js";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const RANKS = [0, 1, 2, 3];
const STEPS = 12;

let browser: Browser | undefined;
let server: ViteDevServer | undefined;
const running: ChildProcess[] = [];
const whole: number[] = [];

beforeAll(async () => {
  Object.assign(process.env, await vulkan());
  const context = await openContext();
  for await (const loss of train(context, alone, { steps: STEPS })) whole.push(loss);
});
afterEach(() => {
  for (const child of running.splice(0)) child.kill("SIGKILL");
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

/** 7e-7 were measured after 60 steps; each adds roundings of f32, and the next ones enlarge them. */
function expectWhole(lines: readonly string[]): void {
  expect(lines).toHaveLength(STEPS);
  for (const [step, line] of lines.entries()) {
    expect(Math.abs(Number(line) / (whole[step] as number) - 1), `step ${step}`).toBeLessThan(5e-6);
  }
}

test("the ranks have parts of unequal sizes, which are the whole batch together", () => {
  const parts = RANKS.map((rank) => batchOf(3, { rank, size: 4 }));
  expect(parts.map(({ label }) => label.length)).toEqual([19, 15, 9, 5]);
  expect(parts.flatMap(({ x }) => [...x])).toEqual([...batchOf(3, alone).x]);
});

function startRank(
  hub: string,
  rank: number,
  steps: number,
  onLine?: (line: string) => void,
  timeout = 60_000,
) {
  const args = [at("../src/worker.js"), hub, String(rank), "4", String(steps), String(timeout)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"] });
  running.push(child);
  const closed = once(child, "close");
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line);
    onLine?.(line);
  });
  return { child, ended: closed.then(([code]) => ({ lines, code: code as number | null })) };
}

test("four workers on a hub have the loss of one machine, with the same bits on every rank", async () => {
  const hub = await startHub({ size: 4 });
  const ranks = RANKS.map((rank) => startRank(hub.url, rank, STEPS).ended);
  const found = await Promise.all(ranks);
  hub.close();
  for (const { lines, code } of found) {
    expect(code).toBe(0);
    expect(lines).toEqual(found[0]?.lines);
  }
  expectWhole(found[0]?.lines ?? []);
});

/** Starts all ranks; `then` is called once the third has made five steps. */
function startAll(hub: string, then: (third: ChildProcess) => void, timeout?: number) {
  const started = RANKS.map((rank) => {
    let lines = 0;
    const onLine = () => {
      if (rank === 2 && ++lines === 5) then(started[2]?.child as ChildProcess);
    };
    return startRank(hub, rank, 100_000, onLine, timeout);
  });
  return started;
}

/** The ranks have failed after some steps; returns what they say. */
async function failures(ranks: readonly (ReturnType<typeof startRank> | undefined)[]) {
  const found = await Promise.all(ranks.map((one) => one?.ended));
  return found.map((one) => {
    expect(one?.code).toBe(1);
    expect(one?.lines.length).toBeGreaterThanOrEqual(5);
    return one?.lines.at(-1);
  });
}

test("a rank that is killed fails the step for all, by its name", async () => {
  const hub = await startHub({ size: 4 });
  const [a, b, , d] = startAll(hub.url, (third) => third.kill("SIGKILL"));
  for (const line of await failures([a, b, d])) expect(line).toContain("rank 2 has left");
  hub.close();
});

test("a rank that sleeps fails the step for all, by its name", async () => {
  const hub = await startHub({ size: 4 });
  const [a, b, third, d] = startAll(hub.url, (child) => child.kill("SIGSTOP"), 5000);
  for (const line of await failures([a, b, d])) {
    expect(line).toContain("has nothing from rank 2"); // of whoever gives up first
  }
  third?.child.kill("SIGCONT");
  const [own] = await failures([third]);
  expect(own).toMatch(/has given up: .* has nothing from rank 2|has left/);
  hub.close();
});

test("a hub that dies fails the step for all", async () => {
  const hub = await startHub({ size: 4 });
  for (const line of await failures(startAll(hub.url, hub.close))) {
    expect(line).toContain("the hub has gone");
  }
});

async function openTabs(query: string) {
  browser ??= await launchBrowser();
  server ??= await createServer({
    root: at(".."),
    configFile: false,
    logLevel: "error",
    server: { host: "127.0.0.1", port: 0 },
    optimizeDeps: { noDiscovery: true },
  });
  if (!server.resolvedUrls) await server.listen();
  const [url] = server.resolvedUrls?.local ?? [];
  const context = await browser.newContext();
  return Promise.all(
    RANKS.map(async (rank) => {
      const page = await context.newPage();
      await page.goto(`${url}tab.html?rank=${rank}&${query}`);
      return page;
    }),
  );
}

type Tab = Awaited<ReturnType<typeof openTabs>>[0];
type Told = { lines: string[]; done?: boolean };

async function linesOf(page: Tab): Promise<string[]> {
  await page.waitForFunction(() => (globalThis as unknown as Told).done, null, {
    timeout: 120_000,
  });
  return page.evaluate(() => (globalThis as unknown as Told).lines);
}

test("four tabs on a BroadcastChannel have it, too", async () => {
  const tabs = await openTabs(`steps=${STEPS}`);
  const found = await Promise.all(tabs.map(linesOf));
  for (const lines of found) expect(lines).toEqual(found[0]);
  expectWhole(found[0] ?? []);
});

test("a tab that is left fails the step for all, by its name", async () => {
  const tabs = await openTabs("steps=100000");
  const third = tabs[2] as Tab;
  await third.waitForFunction(() => /step [3-9]/.test(document.body.innerText), null, {
    timeout: 120_000,
  });
  await third.goto("about:blank");
  for (const tab of tabs.filter((one) => one !== third)) {
    expect((await linesOf(tab)).at(-1)).toContain("rank 2 has left: its tab is closed");
  }
});
