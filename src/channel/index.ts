// This file is webgpu-norm/channel: a group of tabs, workers or threads that post messages to each
// other. It needs no GPU.

import { fail, NormError, show } from "../base/errors";
import { ANY, checkOptions, type OptionTable, SIGNAL } from "../base/options";
import { checkRank } from "../base/rank";
import type { Group } from "../norms/shared/group";

/** A channel is a BroadcastChannel, a MessagePort, a Worker, or what has their methods. */
export interface MessageChannelLike {
  postMessage(message: unknown): void;
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
  removeEventListener(type: "message", listener: (event: MessageEvent) => void): void;
  /** A MessagePort delivers nothing before it is started. */
  start?(): void;
}

export interface ChannelGroupOptions {
  /**
   * All ranks hear a BroadcastChannel. Ports reach one rank each, and a list has those to all other
   * ranks, in any order.
   */
  channel: MessageChannelLike | readonly MessageChannelLike[];
  /** The rank is this worker's number, from 0; no other worker has it. */
  rank: number;
  /** So many workers are in the group. */
  size: number;
  /** The group's name, the same on every rank, lets several groups share a channel. Default "". */
  name?: string | undefined;
  /**
   * When the signal aborts, this rank leaves: rounds that wait, and later ones, fail on every rank.
   * The channel stays open.
   */
  signal?: AbortSignal | undefined;
}

const OP = "channelGroup";
const TAG = "webgpu-norm/channel 1";

const OPTIONS: OptionTable<ChannelGroupOptions> = {
  channel: ANY,
  rank: ANY,
  size: ANY,
  name: (value) => typeof value !== "string" && "a text",
  signal: SIGNAL,
};

/** A message is bytes for a round, the end of a round, a greeting, or a farewell. */
interface Message {
  readonly tag: typeof TAG;
  readonly name: string;
  readonly rank: number;
  readonly size: number;
  /** The message is for this rank alone. */
  readonly to?: number;
  readonly round?: string;
  readonly bytes?: Uint8Array;
  /** The rank gives this round up, or without a round leaves. */
  readonly ended?: string;
}

/** A round waits for the bytes of ranks that have not sent any. */
interface Waiting {
  readonly bytes: (Uint8Array | undefined)[];
  ended?: string;
  /** The call of this rank, once it has come. */
  settle?: (error?: Error) => void;
}

function channelsOf(given: unknown): readonly MessageChannelLike[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  const wrong = list.find(
    (one) =>
      typeof Object(one).postMessage !== "function" ||
      typeof Object(one).addEventListener !== "function",
  );
  if (wrong !== undefined || list.length === 0 || given === undefined) {
    fail(OP, `channel is ${show(wrong ?? given)}, expected a BroadcastChannel or MessagePort`);
  }
  return list as readonly MessageChannelLike[];
}

const textOf = (reason: unknown) => String(Object(reason).message ?? reason);

/**
 * Makes a group of workers that hear each other on a channel: tabs and workers of one origin by a
 * `BroadcastChannel`, threads of Node likewise, any two ends by a `MessagePort`. Ranks may come at
 * any time and in any order: who comes last is sent what the others have sent. A round that a rank
 * gives up, by its signal, fails on every rank, with that rank's number.
 *
 * Throws NormError for unknown options, channels without `postMessage`, a size that is not a
 * positive integer and a rank outside 0 .. size - 1. `allGather` rejects with a NormError for a round
 * that is already under way, once a rank has left, and for two workers of one rank or groups of two
 * sizes.
 */
export function channelGroup(options: ChannelGroupOptions): Group {
  const known = checkOptions(OP, options, OPTIONS);
  const { rank, size, name = "", signal } = known;
  const channels = channelsOf(known.channel);
  checkRank(OP, "", known);
  const rounds = new Map<string, Waiting>();
  let broken: string | undefined;

  const post = (message: Partial<Message>) => {
    for (const channel of channels) channel.postMessage({ tag: TAG, name, rank, size, ...message });
  };
  const roundOf = (round: string): Waiting => {
    const waiting = rounds.get(round) ?? { bytes: new Array<undefined>(size).fill(undefined) };
    rounds.set(round, waiting);
    return waiting;
  };
  const break_ = (reason: string) => {
    broken ??= reason;
    for (const { settle } of rounds.values()) settle?.(new NormError(`${OP}: ${broken}`));
    rounds.clear();
  };
  const greet = (to: number) => {
    for (const [round, { bytes, settle }] of rounds) {
      if (settle) post({ to, round, bytes: bytes[rank] as Uint8Array });
    }
  };

  const hear = ({ data }: MessageEvent) => {
    const message = Object(data) as Message;
    if (message.tag !== TAG || message.name !== name || broken !== undefined) return;
    const { rank: from, to, round, bytes, ended } = message;
    if (from === rank || !(from < size) || message.size !== size) {
      const what = `rank ${from} of ${message.size} is there beside rank ${rank} of ${size}`;
      break_(`${what}, expected one worker a rank and one size`);
    } else if (to !== undefined && to !== rank) {
      return;
    } else if (round === undefined) {
      if (ended !== undefined) break_(`rank ${from} has left: ${ended}`);
      else greet(from);
    } else {
      const waiting = roundOf(round);
      if (bytes) waiting.bytes[from] ??= bytes;
      else waiting.ended ??= `rank ${from} has given up round ${show(round)}: ${ended}`;
      waiting.settle?.();
    }
  };
  for (const channel of channels) {
    channel.addEventListener("message", hear);
    channel.start?.();
  }
  const leave = () => {
    const reason = textOf(signal?.reason);
    if (broken === undefined) post({ ended: reason });
    break_(`rank ${rank} has left: ${reason}`);
    for (const channel of channels) channel.removeEventListener("message", hear);
  };
  if (signal?.aborted) leave();
  else {
    signal?.addEventListener("abort", leave, { once: true });
    post({}); // ranks that wait for this one answer
  }

  const allGather: Group["allGather"] = async (bytes, { round, signal: limit }) => {
    limit.throwIfAborted();
    if (broken !== undefined) fail(OP, broken);
    const waiting = roundOf(round);
    if (waiting.settle) fail(OP, `round ${show(round)} is under way, expected another name`);
    waiting.bytes[rank] = bytes.slice();
    let stop = () => {};
    let open = true;
    try {
      return await new Promise<Uint8Array[]>((resolve, reject) => {
        const missing = () => waiting.bytes.flatMap((one, from) => (one ? [] : [from]));
        waiting.settle = (error) => {
          if (error) reject(error);
          else if (waiting.ended !== undefined) reject(new NormError(`${OP}: ${waiting.ended}`));
          else if (missing().length === 0) {
            open = false; // the others have all bytes, too
            resolve(waiting.bytes as Uint8Array[]);
          }
        };
        stop = () => {
          if (!open) return;
          const reason = textOf(limit.reason);
          post({ round, ended: reason });
          const what = `rank ${rank} of ${size} has nothing from rank ${missing().join(", ")}`;
          const error = new NormError(`${OP}: ${what}: ${reason}`, { cause: limit.reason });
          reject(error);
        };
        limit.addEventListener("abort", stop, { once: true });
        post({ round, bytes: waiting.bytes[rank] as Uint8Array });
        waiting.settle();
      });
    } finally {
      limit.removeEventListener("abort", stop);
      rounds.delete(round);
    }
  };
  return { rank, size, allGather };
}
