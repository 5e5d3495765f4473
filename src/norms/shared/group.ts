// A group of workers exchanges bytes in rounds. This file packs what each sends, checks what all have
// sent, and ends a round that takes too long for every rank.

import { DTYPES, type DType } from "../../base/dtype";
import { fail, NormError, show } from "../../base/errors";
import { ANY, type OptionTable, SIGNAL } from "../../base/options";
import { checkRank } from "../../base/rank";

/** A group is this worker's view of all workers, which compute one batch together. */
export interface Group {
  /** The rank is this worker's number, from 0. */
  readonly rank: number;
  /** So many workers are in the group. */
  readonly size: number;
  /**
   * This function sends bytes to all ranks and resolves to those of all, in rank order, this rank's
   * among them. A round has its own name, the same on every rank; messages of several rounds may be
   * on their way at once. When the signal aborts, it rejects, and best tells the other ranks.
   */
  allGather(
    bytes: Uint8Array<ArrayBuffer>,
    options: { readonly round: string; readonly signal: AbortSignal },
  ): Promise<readonly Uint8Array[]>;
}

export interface ExchangeOptions {
  /** The group of workers takes the place of `allReduce`. */
  group?: Group | undefined;
  /** A round of the group takes at most this many milliseconds. Default 30,000. */
  timeout?: number | undefined;
  /** The signal ends the step, for all ranks. It belongs to `group`. */
  signal?: AbortSignal | undefined;
  /**
   * The round's name is unique to a layer and step, and the same on every rank. Default: the calls
   * with this group are counted, which have to come in one order on every rank.
   */
  round?: string | undefined;
}

const MOST_TIME = 2 ** 31 - 1; // of a timer

export const EXCHANGE_OPTIONS: OptionTable<ExchangeOptions> = {
  group: ANY, // the round checks it
  timeout: (value) =>
    !(typeof value === "number" && value > 0 && value <= MOST_TIME) &&
    "a positive number of milliseconds",
  signal: SIGNAL,
  round: (value) => typeof value !== "string" && "a text",
};

const [MAGIC, VERSION, HEADER] = [0x42534e57, 1, 16]; // "WNSB"

/** What a message is: that a rank has failed, moments, with weights or without, or gradients' sums. */
export const KINDS = { failure: 0, moments: 1, sums: 2, weighted: 3 } as const;

/** A content has some bytes a channel. */
export interface RoundContent {
  readonly kind: (typeof KINDS)[keyof typeof KINDS];
  readonly channels: number;
  readonly dtype: DType;
  readonly body: Uint8Array;
}

/** Returns a number that other names of rounds most likely do not have: FNV-1a. */
const hashOf = (name: string) =>
  [...name].reduce((hash, letter) => {
    return Math.imul(hash ^ (letter.codePointAt(0) as number), 0x01000193) >>> 0;
  }, 0x811c9dc5);

function pack(
  round: string,
  { kind, channels, dtype, body }: RoundContent,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  bytes.set([VERSION, kind, DTYPES[dtype].code], 4);
  view.setUint32(8, channels, true);
  view.setUint32(12, hashOf(round), true);
  bytes.set(body, HEADER);
  return bytes;
}

/** Returns what a rank has sent, which must be of the same kind, round, channels and dtype. */
function unpack(
  op: string,
  rank: number,
  given: unknown,
  round: string,
  own: RoundContent,
): DataView {
  const told = (what: string, expected: unknown) =>
    fail(op, `rank ${rank} sent ${what}, expected ${expected}`);
  if (!(given instanceof Uint8Array) || given.length < HEADER) {
    told(
      given instanceof Uint8Array ? `${given.length} bytes` : show(given),
      "bytes of this library",
    );
  }
  const bytes = given as Uint8Array;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== MAGIC) told("other bytes", "those of this library");
  const [version, kind, code] = bytes.subarray(4);
  if (version !== VERSION) told(`version ${version}`, VERSION);
  const body = bytes.subarray(HEADER);
  if (kind === KINDS.failure) fail(op, `rank ${rank} failed: ${new TextDecoder().decode(body)}`);
  if (view.getUint32(12, true) !== hashOf(round) || kind !== own.kind) {
    told("another round", `${show(round)}: the same calls in the same order`);
  }
  const channels = view.getUint32(8, true);
  if (channels !== own.channels) told(`${channels} channels`, `${own.channels} as here`);
  if (code !== DTYPES[own.dtype].code) told("another dtype", `${own.dtype} as here`);
  if (body.length !== own.body.length) told(`${body.length} bytes`, own.body.length);
  return new DataView(bytes.buffer, bytes.byteOffset + HEADER, body.length);
}

const isGroup = (group: unknown): group is Group => typeof Object(group).allGather === "function";

export function checkGroup(op: string, group: unknown): Group {
  if (!isGroup(group)) fail(op, `group ${show(group)}, expected { rank, size, allGather }`);
  checkRank(op, "group has ", group);
  return group;
}

/** A round of a group begins with a call. */
interface Round {
  /** Sends a content and returns those of all ranks. */
  readonly gather: (content: RoundContent, options: ExchangeOptions) => Promise<DataView[]>;
  /** Tells the other ranks that this one has failed, unless it has sent something already. */
  readonly fail: (error: unknown) => void;
}

const calls = /* @__PURE__ */ new WeakMap<Group, number>();

const layers = /* @__PURE__ */ new WeakMap<Group, number>();

/** Returns the number of a layer of a group: ranks make their layers in one order. */
export function nextLayer(op: string, group: unknown): number {
  const checked = checkGroup(op, group);
  const number = (layers.get(checked) ?? 0) + 1;
  layers.set(checked, number);
  return number;
}

const nothing = () => {};

/** Opens the round of a call, before its arguments are checked: ranks must count alike. */
export function openRound(op: string, options: unknown): Round {
  const { group, round: named } = Object(options) as ExchangeOptions;
  if (!isGroup(group)) {
    return { gather: async () => [], fail: nothing };
  }
  const number = (calls.get(group) ?? 0) + 1;
  if (named === undefined) calls.set(group, number);
  const round = typeof named === "string" ? named : `call ${number}`;
  let sent = false;
  const send = (content: RoundContent, signal: AbortSignal) => {
    sent = true;
    return group.allGather(pack(round, content), { round, signal });
  };
  return {
    gather: (content, options) =>
      gathered(op, checkGroup(op, group), round, content, options, send),
    fail: (error) => {
      if (sent || !(group.size > 1)) return;
      const body = new TextEncoder().encode(String(Object(error).message ?? error));
      const told = new AbortController();
      const content: RoundContent = { kind: KINDS.failure, channels: 0, dtype: "f32", body };
      const tell = async () => {
        const telling = send(content, told.signal);
        told.abort(error); // ranks that wait for others, too, end at once
        await telling;
      };
      tell().catch(nothing);
    },
  };
}

async function gathered(
  op: string,
  group: Group,
  round: string,
  content: RoundContent,
  { timeout = 30_000, signal }: ExchangeOptions,
  send: (content: RoundContent, signal: AbortSignal) => Promise<readonly Uint8Array[]>,
): Promise<DataView[]> {
  signal?.throwIfAborted();
  const { size } = group;
  const limit = new AbortController();
  const given = `round ${show(round)} took more than ${timeout} ms`;
  const late = new NormError(`${op}: ${given}, expected an answer of each of ${size} ranks`);
  const timer = setTimeout(() => limit.abort(late), timeout);
  const stop = () => limit.abort(signal?.reason);
  signal?.addEventListener("abort", stop);
  try {
    const answer = send(content, limit.signal);
    const stopped = new Promise<never>((_, reject) => {
      // The transport may know which rank is missing, and has a turn to say so.
      limit.signal.addEventListener("abort", () => setTimeout(reject, 0, limit.signal.reason));
    });
    const all = await Promise.race([answer, stopped]);
    if (!Array.isArray(all) || all.length !== size) {
      fail(op, `group gave ${show(all)}, expected the bytes of ${size} ranks`);
    }
    return all.map((bytes, rank) => unpack(op, rank, bytes, round, content));
  } catch (error) {
    signal?.throwIfAborted(); // the caller's own reason
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}
