// A source is an iterable, async iterable or ReadableStream. This file reads it one value at a
// time, until an AbortSignal stops it. It knows no chunks.

import { entryAt } from "../base/entry";
import { fail, show } from "../base/errors";
import { Tensor } from "../runtime/tensor";

/** A source of values is a list, a generator, an async generator or a `ReadableStream`. */
export type ChunkSource<T> = Iterable<T | Promise<T>> | AsyncIterable<T> | ReadableStream<T>;

interface Opened {
  next(): Promise<{ done?: boolean | undefined; value?: unknown }>;
  close(reason: unknown): unknown;
  end(): void;
}

const nothing = () => {};

/** Reads a stream by its reader, because Safari's streams are not async iterables yet. */
function openedStream(op: string, stream: ReadableStream): Opened {
  if (stream.locked) fail(op, "source is a locked stream, expected one that nothing else reads");
  const reader = stream.getReader();
  const end = () => reader.releaseLock();
  return { next: () => reader.read(), close: (reason) => reader.cancel(reason).finally(end), end };
}

/** A source may have these methods. */
interface Opens {
  readonly getReader?: unknown;
  readonly [Symbol.asyncIterator]?: () => AsyncIterator<unknown>;
  readonly [Symbol.iterator]?: () => Iterator<unknown>;
}

function openSource(op: string, source: unknown): Opened {
  const given = source as Opens | null | undefined;
  if (typeof given?.getReader === "function") return openedStream(op, source as ReadableStream);
  const one = typeof source !== "object" || ArrayBuffer.isView(source) || source instanceof Tensor;
  const values = one ? null : (given?.[Symbol.asyncIterator]?.() ?? given?.[Symbol.iterator]?.());
  if (!values) {
    const given = ArrayBuffer.isView(source) ? "a single array" : show(source);
    fail(
      op,
      `source is ${given}, expected an iterable, async iterable or ReadableStream of chunks`,
    );
  }
  const next = async () => {
    const { done, value } = await values.next();
    return { done, value: done ? undefined : await value };
  };
  return { next, close: () => values.return?.(), end: nothing };
}

/** Resolves as the promise does, or rejects with the signal's reason if that comes first. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    const done = () => signal.removeEventListener("abort", stop);
    work.then(resolve, reject).then(done);
  });
}

/**
 * Yields the values of a source. It closes the source (`return()`, `cancel()`) when the caller
 * takes no more of them or the signal aborts, but not if the source ended or threw by itself.
 */
export async function* valuesIn(
  op: string,
  source: unknown,
  signal: AbortSignal | undefined,
): AsyncGenerator<unknown, void, void> {
  const values = openSource(op, source);
  let open = true;
  let waiting = false;
  const next = async () => {
    waiting = true;
    const step = await values.next().catch((error) => {
      open = false;
      throw error;
    });
    waiting = false;
    return step;
  };
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { done, value } = await unlessAborted(next(), signal);
      if (done) {
        open = false;
        return;
      }
      yield value;
    }
  } finally {
    if (open) {
      // A generator that is still at work closes when it ends, so this does not wait for it.
      const closed = Promise.resolve(close(values, signal?.reason)).catch(nothing);
      if (!waiting) await closed;
    } else {
      values.end();
    }
  }
}

async function close(values: Opened, reason: unknown): Promise<void> {
  await values.close(reason);
}

/**
 * Yields the result of `start` for each block, in order, with up to `most` of them at work at once.
 * If the caller takes no more, `drop` gets the remaining results.
 */
export async function* readAhead<B, R>(
  blocks: AsyncIterable<B>,
  start: (block: B) => Promise<R>,
  {
    most,
    signal,
    drop,
  }: { most: number; signal?: AbortSignal | undefined; drop: (result: R) => void },
): AsyncGenerator<R, void, void> {
  const working: Promise<R>[] = [];
  const first = async () => {
    const result = await unlessAborted(entryAt(working, 0), signal);
    working.shift();
    return result;
  };
  try {
    for await (const block of blocks) {
      const work = start(block);
      work.catch(nothing); // awaited in its turn; until then this handles a rejection
      working.push(work);
      if (working.length >= most) yield await first();
    }
    while (working.length > 0) yield await first();
  } finally {
    for (const work of working) work.then(drop, nothing);
  }
}
