// What a stream is read from: iterables, async iterables and ReadableStreams, one value at a time, until an
// AbortSignal says otherwise. Knows nothing of chunks.

import { entryAt } from "../base/entry";
import { fail, show } from "../base/errors";
import { Tensor } from "../runtime/tensor";

/** Where values come from: a list, a generator, an async one, a `ReadableStream`. */
export type ChunkSource<T> = Iterable<T | Promise<T>> | AsyncIterable<T> | ReadableStream<T>;

interface Opened {
  next(): Promise<{ done?: boolean | undefined; value?: unknown }>;
  close(reason: unknown): unknown;
  end(): void;
}

const nothing = () => {};

/** By its reader: Safari's streams are no async iterables yet. */
function openedStream(op: string, stream: ReadableStream): Opened {
  if (stream.locked) fail(op, "source is a locked stream, expected one that nothing else reads");
  const reader = stream.getReader();
  const end = () => reader.releaseLock();
  return { next: () => reader.read(), close: (reason) => reader.cancel(reason).finally(end), end };
}

/** What a source may have. */
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

/** The same promise, or the signal's reason if that comes first. */
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
 * The values of a source. It is closed (`return()`, `cancel()`) when the caller takes no more of them or the signal
 * aborts, not where it ended or threw by itself.
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
      // a generator that is still at work closes when it comes to an end: nobody waits for that
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
 * What `start` makes of each block, in order, with up to `most` of them at work at once. Where the caller takes no more,
 * `drop` gets what was made in vain.
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
      work.catch(nothing); // its turn comes; until then the rejection is not unhandled
      working.push(work);
      if (working.length >= most) yield await first();
    }
    while (working.length > 0) yield await first();
  } finally {
    for (const work of working) work.then(drop, nothing);
  }
}
