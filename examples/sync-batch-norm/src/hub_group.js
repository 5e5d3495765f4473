// A transport of one's own is an object { rank, size, allGather }: here by a WebSocket to a hub.

/**
 * @param {import("ws").WebSocket | WebSocket} socket to the hub, open
 * @param {number} rank
 * @param {number} size
 * @returns {import("webgpu-norm").Group}
 */
export function hubGroup(socket, rank, size) {
  /** @type {Map<string, { resolve: (all: Uint8Array[]) => void, reject: (error: Error) => void }>} */
  const waiting = new Map();
  /** @type {string | undefined} */
  let broken;
  const break_ = (/** @type {string} */ reason) => {
    broken ??= reason;
    for (const { reject } of waiting.values()) reject(new Error(broken));
  };
  socket.onclose = () => break_("the hub has gone");
  socket.onmessage = (/** @type {{ data: unknown }} */ { data }) => {
    const { round, all, ended, broken: reason } = JSON.parse(String(data));
    if (reason) return break_(reason);
    if (ended) return waiting.get(round)?.reject(new Error(ended));
    waiting.get(round)?.resolve(all.map(fromBase64));
  };
  return {
    rank,
    size,
    allGather: (bytes, { round, signal }) =>
      new Promise((resolve, reject) => {
        if (broken) return reject(new Error(broken));
        const stop = () => {
          const ended = String(signal.reason?.message ?? signal.reason);
          socket.send(JSON.stringify({ round, ended }));
          reject(signal.reason);
        };
        signal.addEventListener("abort", stop, { once: true });
        const end = () => {
          waiting.delete(round);
          signal.removeEventListener("abort", stop);
        };
        waiting.set(round, {
          resolve: (all) => {
            end();
            resolve(all);
          },
          reject: (error) => {
            end();
            reject(error);
          },
        });
        socket.send(JSON.stringify({ round, bytes: toBase64(bytes) }));
      }),
  };
}

const toBase64 = (/** @type {Uint8Array} */ bytes) => btoa(String.fromCharCode(...bytes));
const fromBase64 = (/** @type {string} */ text) =>
  Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
