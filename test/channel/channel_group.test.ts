// A group gathers bytes over channels, whoever comes first, and fails as one.

import { afterEach, describe, expect, test } from "vitest";
import { NormError } from "../../src/base/errors";
import { type ChannelGroupOptions, channelGroup } from "../../src/channel/index";

const SIZE = 4;
const RANKS = Array.from({ length: SIZE }, (_, rank) => rank);

const opened: { close(): void }[] = [];
let tests = 0;
afterEach(() => {
  for (const one of opened.splice(0)) one.close();
  tests++;
});

function kept<T extends { close(): void }>(one: T): T {
  opened.push(one);
  return one;
}

/** Each rank has a channel of its own. */
const broadcast = () => kept(new BroadcastChannel(`webgpu-norm test ${tests}`));

const member = (rank: number, others: Partial<ChannelGroupOptions> = {}) =>
  channelGroup({ channel: broadcast(), rank, size: SIZE, ...others });

/** Ports between every two ranks. */
function mesh(): MessagePort[][] {
  const ports: MessagePort[][] = RANKS.map(() => []);
  for (const a of RANKS) {
    for (const b of RANKS.slice(a + 1)) {
      const { port1, port2 } = new MessageChannel();
      ports[a].push(kept(port1));
      ports[b].push(kept(port2));
    }
  }
  return ports;
}

const never = () => new AbortController().signal;
const bytesOf = (...bytes: number[]) => Uint8Array.from(bytes);
const rejection = (promise: Promise<unknown>) =>
  promise.then(
    () => new Error("the promise was not rejected"),
    (reason: unknown) => reason,
  );
const text = (error: unknown) => (error as Error).message;

const TRANSPORTS = {
  BroadcastChannel: () => RANKS.map((rank) => member(rank)),
  MessagePort: () => mesh().map((channel, rank) => member(rank, { channel })),
};

describe.each(Object.entries(TRANSPORTS))("%s", (_, groups) => {
  test("every rank gets the bytes of all, in rank order", async () => {
    const all = groups();
    for (let step = 0; step < 20; step++) {
      const gathered = await Promise.all(
        all.map(({ rank, allGather }) =>
          allGather(bytesOf(rank, step), { round: `step ${step}`, signal: never() }),
        ),
      );
      for (const one of gathered) expect(one).toEqual(RANKS.map((rank) => bytesOf(rank, step)));
    }
  });

  test("rounds at the same time, in other orders, do not meet", async () => {
    const all = groups();
    const names = ["a", "b", "c", "d", "e"];
    const gathered = await Promise.all(
      all.map(async ({ rank, allGather }) => {
        const order = rank % 2 ? names : names.toReversed();
        const rounds = order.map(async (round) => {
          const own = bytesOf(rank, round.charCodeAt(0));
          return [round, await allGather(own, { round, signal: never() })] as const;
        });
        return Object.fromEntries(await Promise.all(rounds));
      }),
    );
    for (const rounds of gathered) {
      for (const name of names) {
        expect(rounds[name]).toEqual(RANKS.map((rank) => bytesOf(rank, name.charCodeAt(0))));
      }
    }
  });
});

test("a rank that comes last is sent what the others have sent", async () => {
  const early = [0, 1, 2].map((rank) => member(rank));
  const gathering = early.map(({ rank, allGather }) =>
    allGather(bytesOf(rank), { round: "first", signal: never() }),
  );
  await new Promise((resolve) => setTimeout(resolve, 20)); // their messages are gone
  const last = member(3);
  const own = last.allGather(bytesOf(3), { round: "first", signal: never() });
  for (const one of await Promise.all([...gathering, own]))
    expect(one).toEqual(RANKS.map((rank) => bytesOf(rank)));
});

test("bytes are those of the call, and alone", async () => {
  const [a, b] = [0, 1].map((rank) => member(rank, { size: 2 }));
  const large = new Uint8Array(1000).fill(1);
  const part = large.subarray(10, 13);
  const gathering = [a.allGather(part, { round: "x", signal: never() })];
  part.fill(9);
  gathering.push(b.allGather(bytesOf(2), { round: "x", signal: never() }));
  for (const one of await Promise.all(gathering)) {
    expect(one).toEqual([bytesOf(1, 1, 1), bytesOf(2)]);
    expect(one[0].buffer.byteLength).toBe(3);
  }
});

test("one worker is a group", async () => {
  const group = member(0, { size: 1 });
  expect(await group.allGather(bytesOf(7), { round: "x", signal: never() })).toEqual([bytesOf(7)]);
});

test("two groups and other messages share a channel", async () => {
  const others = broadcast();
  const all = ["red", "blue"].flatMap((name) =>
    [0, 1].map((rank) => ({ name, group: member(rank, { size: 2, name }) })),
  );
  for (const strange of [null, 3, "text", { rank: 0 }, { tag: "webgpu-norm/channel 9" }]) {
    others.postMessage(strange);
  }
  const gathered = await Promise.all(
    all.map(({ name, group: { rank, allGather } }) =>
      allGather(bytesOf(rank, name.length), { round: "x", signal: never() }),
    ),
  );
  for (const [i, one] of gathered.entries()) {
    const { length } = all[i].name;
    expect(one).toEqual([bytesOf(0, length), bytesOf(1, length)]);
  }
});

describe("a round that one rank gives up fails on all", () => {
  test("where one rank is missing", async () => {
    const groups = [0, 1, 3].map((rank) => member(rank));
    const limit = new AbortController();
    const gathering = groups.map(({ rank, allGather }) =>
      rejection(
        allGather(bytesOf(rank), { round: "x", signal: rank === 1 ? limit.signal : never() }),
      ),
    );
    await new Promise((resolve) => setTimeout(resolve, 20)); // each has heard the others
    limit.abort(new Error("too late"));
    const errors = await Promise.all(gathering);
    for (const error of errors) expect(error).toBeInstanceOf(NormError);
    expect(errors.map(text)).toEqual([
      'channelGroup: rank 1 has given up round "x": too late',
      "channelGroup: rank 1 of 4 has nothing from rank 2: too late",
      'channelGroup: rank 1 has given up round "x": too late',
    ]);
    // who comes later to the round hears of it, and other rounds go on
    const late = member(2);
    const all = [...groups, late];
    const rounds = all.map(({ rank, allGather }) =>
      allGather(bytesOf(rank), { round: "y", signal: never() }),
    );
    for (const one of await Promise.all(rounds)) expect(one).toHaveLength(SIZE);
  });

  test("where a rank calls after it was given up", async () => {
    const [a, b] = [0, 1].map((rank) => member(rank, { size: 2 }));
    const limit = new AbortController();
    const first = rejection(a.allGather(bytesOf(0), { round: "x", signal: limit.signal }));
    limit.abort(new Error("no time"));
    expect(text(await first)).toBe("channelGroup: rank 0 of 2 has nothing from rank 1: no time");
    await new Promise((resolve) => setTimeout(resolve, 20));
    const later = b.allGather(bytesOf(1), { round: "x", signal: never() });
    expect(text(await rejection(later))).toBe(
      'channelGroup: rank 0 has given up round "x": no time',
    );
  });
});

test("a rank that leaves ends all rounds, on every rank", async () => {
  const leaving = new AbortController();
  const groups = RANKS.map((rank) => member(rank, rank === 2 ? { signal: leaving.signal } : {}));
  const gathering = groups
    .slice(0, 3)
    .map(({ rank, allGather }) =>
      rejection(allGather(bytesOf(rank), { round: "x", signal: never() })),
    );
  leaving.abort(new Error("the tab closes"));
  const expected = "channelGroup: rank 2 has left: the tab closes";
  expect((await Promise.all(gathering)).map(text)).toEqual([expected, expected, expected]);
  for (const group of groups) {
    const next = group.allGather(bytesOf(1), { round: "y", signal: never() });
    expect(text(await rejection(next))).toBe(expected);
  }
  const gone = member(0, { signal: AbortSignal.abort(new Error("before it began")) });
  const call = gone.allGather(bytesOf(1), { round: "z", signal: never() });
  expect(text(await rejection(call))).toBe("channelGroup: rank 0 has left: before it began");
});

test("two workers of one rank, and groups of two sizes, are told", async () => {
  const first = member(1, { size: 2 });
  const waiting = rejection(first.allGather(bytesOf(1), { round: "x", signal: never() }));
  member(1, { size: 2 });
  const twice = "channelGroup: rank 1 of 2 is there beside rank 1 of 2, expected one worker a rank";
  expect(text(await waiting)).toContain(twice);
  const other = member(0, { size: 2, name: "b" });
  const round = rejection(other.allGather(bytesOf(1), { round: "x", signal: never() }));
  member(2, { size: 3, name: "b" });
  expect(text(await round)).toContain("channelGroup: rank 2 of 3 is there beside rank 0 of 2");
});

test("misuse is told", async () => {
  const channel = broadcast();
  const right = { channel, rank: 0, size: 2 };
  const CASES: [object, string][] = [
    [{ channel: undefined }, "channelGroup: channel is undefined, expected a BroadcastChannel"],
    [{ channel: "name" }, 'channelGroup: channel is "name", expected a BroadcastChannel'],
    [{ channel: [] }, "channelGroup: channel is [], expected a BroadcastChannel or MessagePort"],
    [{ channel: [channel, 3] }, "channelGroup: channel is 3, expected"],
    [{ size: 0 }, "channelGroup: size 0, expected a positive integer"],
    [{ size: undefined }, "channelGroup: size undefined, expected a positive integer"],
    [{ rank: 2 }, "channelGroup: rank 2, expected an integer in 0 .. 1"],
    [{ rank: "0" }, 'channelGroup: rank "0", expected an integer in 0 .. 1'],
    [{ name: 3 }, "channelGroup: name 3, expected a text"],
    [{ signal: {} }, "channelGroup: signal an object, expected an AbortSignal"],
    [{ ranks: 3 }, "channelGroup: unknown option ranks"],
  ];
  for (const [change, message] of CASES) {
    expect(() => channelGroup({ ...right, ...change } as never)).toThrow(message);
  }
  const group = channelGroup(right);
  const waiting = group.allGather(bytesOf(1), { round: "x", signal: never() });
  expect(text(await rejection(group.allGather(bytesOf(1), { round: "x", signal: never() })))).toBe(
    'channelGroup: round "x" is under way, expected another name',
  );
  const reason = new Error("before it began");
  const aborted = group.allGather(bytesOf(1), { round: "y", signal: AbortSignal.abort(reason) });
  expect(await rejection(aborted)).toBe(reason);
  const partner = member(1, { size: 2 });
  partner.allGather(bytesOf(2), { round: "x", signal: never() });
  expect(await waiting).toEqual([bytesOf(1), bytesOf(2)]);
});
