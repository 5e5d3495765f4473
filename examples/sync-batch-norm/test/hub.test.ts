// A hub and the groups on it, without a GPU: whoever comes twice, late or with garbage, goes away or
// never comes, is named to all others at once.

import { getEventListeners, once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import type { Group } from "webgpu-norm";
import { WebSocket } from "ws";
import { startHub } from "../src/hub.js";
import { addressOf, hubGroup } from "../src/hub_group.js";

const ended: (() => void)[] = [];
afterEach(() => {
  for (const end of ended.splice(0)) end();
});

const SIZE = 3;

async function hubOf(size = SIZE) {
  const hub = await startHub({ size });
  ended.push(hub.close);
  return hub;
}

function join(hub: { url: string }, rank: number, size = SIZE) {
  const socket = new WebSocket(addressOf(hub.url, rank, size));
  ended.push(() => socket.terminate());
  return { socket, group: hubGroup(socket, rank, size) };
}

async function opened({ socket }: { socket: WebSocket }): Promise<void> {
  if (socket.readyState !== WebSocket.OPEN) await once(socket, "open");
}

const bytesOf = (rank: number) => Uint8Array.of(rank, 10 + rank);
const never = new AbortController().signal;
const gather = ({ group }: { group: Group }, round = "a", signal = never) =>
  group.allGather(bytesOf(group.rank), { round, signal });

/** The message that a round fails with. */
const failure = (round: Promise<unknown>) =>
  round.then(
    () => "it did not fail",
    ({ message }) => message as string,
  );

test("all have the bytes of all, in any order of coming, in rounds at the same time", async () => {
  const hub = await hubOf();
  const first = join(hub, 2);
  const early = gather(first, "b"); // before the others are there
  await sleep(50);
  const rest = [join(hub, 0), join(hub, 1)];
  const rounds = [
    early,
    ...rest.map((one) => gather(one, "b")),
    ...[...rest, first].map((one) => gather(one)),
  ];
  for (const all of await Promise.all(rounds)) expect(all).toEqual([0, 1, 2].map(bytesOf));
});

test("a round leaves no listener on its signal", async () => {
  const { group } = join(await hubOf(1), 0, 1);
  const { signal } = new AbortController();
  await group.allGather(bytesOf(0), { round: "a", signal });
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
});

test("300 KB go through", async () => {
  const hub = await hubOf(1);
  const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => i);
  const { group } = join(hub, 0, 1);
  expect(await group.allGather(bytes, { round: "a", signal: never })).toEqual([bytes]);
});

test("a rank that comes twice is refused, and the others go on", async () => {
  const hub = await hubOf();
  const ranks = [0, 1, 2].map((rank) => join(hub, rank));
  await Promise.all(ranks.map((one) => gather(one)));
  const twice = join(hub, 1);
  expect(await failure(gather(twice, "b"))).toBe(
    "rank 1 is here already, expected one worker a rank",
  );
  for (const all of await Promise.all(ranks.map((one) => gather(one, "b"))))
    expect(all).toHaveLength(3);
});

for (const [rank, size] of [
  [3, 3],
  [-1, 3],
  [1.5, 3],
  [Number.NaN, 3],
  [1, 4],
] as const) {
  test(`rank ${rank} of ${size} is refused by a hub of 3`, async () => {
    const hub = await hubOf();
    const message = `rank ${rank} of ${size}, expected one of 0 .. 2`;
    expect(await failure(gather(join(hub, rank, size)))).toBe(message);
  });
}

test("an address without a rank is refused", async () => {
  const hub = await hubOf();
  const socket = new WebSocket(`${hub.url}//`);
  const [, reason] = await once(socket, "close");
  expect(String(reason)).toBe("rank NaN of NaN, expected one of 0 .. 2");
});

const GARBAGE = {
  "no JSON": "hello",
  "no object": "null",
  "no round": '{"bytes":"AAAA"}',
  "bytes that are none": '{"round":"a","bytes":7}',
  "no base64": '{"round":"a","bytes":"?!"}',
  "bytes without JSON": Uint8Array.of(255, 0, 1),
};

for (const [what, data] of Object.entries(GARBAGE)) {
  test(`a rank that sends ${what} fails the step for all, by its name`, async () => {
    const hub = await hubOf();
    const [first, second, third] = [join(hub, 0), join(hub, 1), join(hub, 2)];
    const waiting = [first, second].map((one) => failure(gather(one)));
    await opened(third);
    third.socket.send(data);
    const message = "rank 2 has sent what is no message";
    expect(await Promise.all(waiting)).toEqual([message, message]);
    expect(await failure(gather(third, "b"))).toBe(message); // and later rounds
  });
}

test("a rank that sends a round twice fails it for all", async () => {
  const hub = await hubOf();
  const [first, second] = [join(hub, 0), join(hub, 1)];
  const waiting = failure(gather(first));
  gather(second).catch(() => {});
  await opened(second);
  second.socket.send('{"round":"a","bytes":"AAAA"}');
  expect(await waiting).toBe("rank 1 has sent round a twice");
});

test("a hub that dies fails the step for all", async () => {
  const hub = await hubOf();
  const ranks = [join(hub, 0), join(hub, 1)];
  const waiting = ranks.map((one) => failure(gather(one)));
  await Promise.all(ranks.map(opened));
  hub.close();
  expect(await Promise.all(waiting)).toEqual(["the hub has gone", "the hub has gone"]);
});

test("a hub that is not there", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  const message = await failure(gather(join({ url: `ws://127.0.0.1:${port}` }, 0)));
  expect(message).toBe(`the hub: connect ECONNREFUSED 127.0.0.1:${port}`);
});

test("ranks that are late are named, also to those who wait longer and to themselves", async () => {
  const hub = await hubOf();
  const [first, second] = [join(hub, 0), join(hub, 1)];
  const patient = failure(gather(second));
  await sleep(100);
  const limit = new AbortController();
  const impatient = failure(gather(first, "a", limit.signal));
  await sleep(100);
  limit.abort(new Error("100 ms are over"));
  const message = "rank 0 of 3 has nothing from rank 2: 100 ms are over";
  expect(await impatient).toBe(message);
  expect(await patient).toBe(`rank 0 has given up: ${message}`);
  const late = join(hub, 2);
  expect(await failure(gather(late))).toBe(`rank 0 has given up: ${message}`);
});

test("who comes to a group that has lost a rank is told so", async () => {
  const hub = await hubOf();
  const gone = join(hub, 0);
  await once(gone.socket, "open");
  gone.socket.terminate();
  await sleep(100);
  expect(await failure(gather(join(hub, 1)))).toBe("rank 0 has left");
});
