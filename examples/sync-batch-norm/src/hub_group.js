// A transport of one's own is an object { rank, size, allGather }: here by a WebSocket to a hub.

/** @typedef {{ bytes: (Uint8Array | undefined)[], ended?: string, settle?: (error?: Error) => void }} Round what ranks have sent, or why one gave up; the call that waits */

/** @param {string} hub @param {number} rank @param {number} size */
export const addressOf = (hub, rank, size) => `${hub}/?rank=${rank}&size=${size}`;

/**
 * Makes a group of a socket to the hub. The socket may still be connecting.
 *
 * @param {import("ws").WebSocket | WebSocket} socket
 * @param {number} rank
 * @param {number} size
 * @returns {import("webgpu-norm").Group}
 */
export function hubGroup(socket, rank, size) {
  /** @type {Map<string, Round>} */
  const rounds = new Map();
  /** @type {string | undefined} */
  let broken;

  const roundOf = (/** @type {string} */ name) => {
    /** @type {Round} */
    const round = rounds.get(name) ?? { bytes: new Array(size).fill(undefined) };
    rounds.set(name, round);
    return round;
  };
  const break_ = (/** @type {string} */ reason) => {
    broken ??= reason;
    for (const { settle } of rounds.values()) settle?.(new Error(broken));
  };
  socket.onerror = (/** @type {any} */ { message }) => break_(`the hub: ${message ?? "no answer"}`);
  socket.onclose = (/** @type {{ reason: string }} */ { reason }) =>
    break_(reason || "the hub has gone");
  const opened = new Promise((resolve) => {
    if (socket.readyState === socket.OPEN) resolve(undefined);
    else socket.onopen = resolve;
  });
  socket.onmessage = (/** @type {{ data: unknown }} */ { data }) => {
    const { round: name, from, bytes, ended, broken: reason } = JSON.parse(String(data));
    if (reason) return break_(reason);
    const round = roundOf(name);
    if (bytes !== undefined) round.bytes[from] = fromBase64(bytes);
    round.ended ??= ended;
    round.settle?.();
  };

  /** @param {Round} round @param {AbortSignal} signal @param {AbortSignal} over */
  const answered = (round, signal, over) =>
    new Promise((resolve, reject) => {
      const missing = () => round.bytes.flatMap((one, from) => (one ? [] : [from]));
      round.settle = (error) => {
        if (error) reject(error);
        else if (round.ended) reject(new Error(round.ended));
        else if (missing().length === 0) resolve(round.bytes);
      };
      const stop = () => {
        const what = `rank ${rank} of ${size} has nothing from rank ${missing().join(", ")}`;
        reject(new Error(`${what}: ${Object(signal.reason).message ?? signal.reason}`));
      };
      if (broken) reject(new Error(broken));
      else if (signal.aborted) stop();
      else signal.addEventListener("abort", stop, { signal: over });
      round.settle();
    });

  return {
    rank,
    size,
    allGather: async (bytes, { round: name, signal }) => {
      const send = (/** @type {object} */ message) =>
        opened.then(() => socket.send(JSON.stringify({ round: name, ...message })));
      const over = new AbortController();
      const waiting = answered(roundOf(name), signal, over.signal);
      send({ bytes: toBase64(bytes) });
      try {
        return /** @type {Uint8Array[]} */ (await waiting);
      } catch (error) {
        if (signal.aborted) send({ ended: /** @type {Error} */ (error).message });
        throw error;
      } finally {
        over.abort();
        rounds.delete(name);
      }
    },
  };
}

const toBase64 = (/** @type {Uint8Array} */ bytes) =>
  btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
const fromBase64 = (/** @type {string} */ text) =>
  Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
