// Workers on a queue are killed, stopped and doubled, and the result has the bytes that one machine
// gives in peace.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Queue, QueueEvents } from "bullmq";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { MomentsState } from "webgpu-norm/moments";
import { Random } from "../../../test/support/random";
import { planOf } from "../src/dataset.js";
import { flowOf, QUEUE, runFlow } from "../src/queue.js";
import { runThreads } from "../src/threads.js";
import type { Plan } from "../src/types";
import { writeZarr } from "./files";
import { type Driver, describeOn, hasLavapipe, SERVERS, startServer, startWorker } from "./workers";

const folder = mkdtempSync(join(tmpdir(), "webgpu-norm-queue-"));
const random = new Random(7);
const running: { process: { kill(signal: NodeJS.Signals): void } }[] = [];
let redis: Awaited<ReturnType<typeof startServer>>;

const SECOND: Driver = hasLavapipe ? "lavapipe" : "swiftshader";

afterEach(() => {
  for (const { process } of running.splice(0)) process.kill("SIGKILL");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const LEASE = 1500; // ms

async function worker(name: string, driver: Driver, ...args: string[]) {
  const options = { driver, args: ["--lease", String(LEASE), ...args] };
  const started = await startWorker(redis.url, name, options);
  running.push(started);
  return started;
}

const connection = () => ({ connection: { url: redis.url } });
const quietly = () => ({ redis: redis.url, onProgress: () => {} });

async function expectEmpty(): Promise<void> {
  const queue = new Queue(QUEUE, connection());
  expect(Object.values(await queue.getJobCounts()).every((count) => count === 0)).toBe(true);
  await queue.close();
}

const alone = async (plan: Plan) => {
  const { result } = await runThreads(plan, { threads: 1, device: "host", onProgress: () => {} });
  return MomentsState.fromJSON(result?.state ?? "");
};

const stateOf = ({ result }: Awaited<ReturnType<typeof runFlow>>) =>
  MomentsState.fromJSON(result?.state ?? "");

for (const server of SERVERS)
  describeOn(server, () => {
    beforeAll(async () => {
      redis = await startServer(server);
    });
    afterAll(() => redis?.kill());

    test("kill -9, a worker that sleeps, another adapter, two commands at once, in any order: the same bytes", async () => {
      const shape = [160, 128, 1024, 3]; // blocks of 768 KiB
      const values = Uint8Array.from({ length: 160 * 128 * 1024 * 3 }, () => random.below(256));
      const path = await writeZarr(join(folder, "bytes.zarr"), values, shape, 2);
      const plan = await planOf({ path, blockBytes: 2 * 128 * 1024 * 3 });
      expect(plan.blocks).toHaveLength(80);
      const expected = await alone(plan);

      const workers = [worker("first", "swiftshader"), worker("second", SECOND)];
      const [first, second] = await Promise.all([...workers, worker("third", "swiftshader")]);
      const events = new QueueEvents(QUEUE, connection());
      await events.waitUntilReady();
      let [done, stalled] = [0, 0];
      events.on("stalled", () => stalled++);
      events.on("completed", async () => {
        done++;
        if (done === 8) first?.process.kill("SIGKILL");
        if (done !== 20) return;
        second?.process.kill("SIGSTOP"); // for longer than its lease: its blocks go to others
        await sleep(3 * LEASE);
        second?.process.kill("SIGCONT"); // it ends them, too
      });
      const shuffled = { ...plan, blocks: random.shuffle(plan.blocks) };
      const [outcome, other] = await Promise.all([
        runFlow(plan, { ...quietly(), flow: flowOf(shuffled, 7) }),
        runFlow(plan, quietly()),
      ]);
      expect(other).toEqual(outcome);
      await events.close();
      expect(stalled).toBeGreaterThan(1); // the blocks of two workers were delivered again
      expect(outcome.failed).toEqual([]);
      const state = stateOf(outcome);
      expect(state.ranges).toEqual([[0n, 160n]]);
      expect(state.toBytes()).toEqual(expected.toBytes());
      const counts = Object.entries(outcome.result?.blocks ?? {});
      expect(counts.reduce((sum, [, count]) => sum + count, 0)).toBe(80);
      const adapters = counts.map(([name]) => name);
      expect(adapters.some((name) => /swiftshader/i.test(name))).toBe(true);
      expect(adapters.some((name) => /llvmpipe/i.test(name))).toBe(hasLavapipe);
      await expectEmpty();
    }, 180_000);

    test("floats by two adapters: within 1e-7 of the deviation, 1e-6 of the variance", async () => {
      const [samples, columns] = [24_000, 16];
      const values = Float32Array.from(
        { length: samples * columns },
        (_, i) => 1e5 + (1 + (i % columns)) * random.normal(),
      );
      const path = await writeZarr(join(folder, "floats.zarr"), values, [samples, columns], 1000);
      const plan = await planOf({ path, blockBytes: 4000 * columns });
      await Promise.all([worker("a", "swiftshader"), worker("b", SECOND)]);
      const outcome = await runFlow(plan, quietly());
      const { mean, variance } = stateOf(outcome).moments();
      for (let c = 0; c < columns; c++) {
        const own = values.filter((_, i) => i % columns === c);
        const right = own.reduce((a, b) => a + b, 0) / samples;
        const spread = own.reduce((a, b) => a + (b - right) ** 2, 0) / samples;
        const error = Math.abs((mean[c] as number) - right);
        expect(error).toBeLessThan(1e-7 * Math.sqrt(spread) + 1e-11 * right);
        expect(Math.abs((variance[c] as number) / spread - 1)).toBeLessThan(1e-6);
      }
      expect(Object.keys(outcome.result?.blocks ?? {})).toHaveLength(hasLavapipe ? 2 : 1);
    }, 60_000);

    test("a block that always fails is named, and nothing else is lost", async () => {
      const values = Uint8Array.from({ length: 40 * 30 }, () => random.below(256));
      const path = await writeZarr(join(folder, "broken.zarr"), values, [40, 30], 4, "zstd");
      const chunk = join(path, "c", "6", "0");
      const good = readFileSync(chunk);
      writeFileSync(chunk, good.subarray(0, 9));
      const plan = await planOf({ path, blockBytes: 4 * 30 });
      await worker("host", "any", "--device", "host");
      const outcome = await runFlow(plan, quietly());
      expect(outcome.failed).toEqual([{ block: [24, 28], reason: expect.stringMatching(/./) }]);
      expect(stateOf(outcome).ranges).toEqual([
        [0n, 24n],
        [28n, 40n],
      ]);
      writeFileSync(chunk, good);
      const rest = await runFlow({ ...plan, blocks: [[24, 28]] }, quietly());
      expect(rest.failed).toEqual([]);
      await expectEmpty();
      const whole = stateOf(outcome).merge(stateOf(rest));
      expect(whole.toBytes()).toEqual((await alone(plan)).toBytes());
    }, 60_000);
  });
