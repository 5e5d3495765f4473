// A hub gathers what the ranks send for a round and sends all of it to all. It tells them which rank
// has given up or has left, so that nobody waits for a dead one.

import { once } from "node:events";
import { WebSocketServer } from "ws";

/**
 * @param {{ size: number, port?: number, host?: string }} options
 * @returns {Promise<{ url: string, close: () => void }>}
 */
export async function startHub({ size, port = 0, host = "127.0.0.1" }) {
  const server = new WebSocketServer({ port, host });
  await once(server, "listening");
  /** @type {Map<string, string[]>} */
  const rounds = new Map();
  /** @type {string | undefined} */
  let broken;
  const tell = (/** @type {object} */ message) => {
    for (const socket of server.clients) socket.send(JSON.stringify(message));
  };
  server.on("connection", (socket, request) => {
    const rank = Number(new URL(request.url ?? "", "ws://hub").searchParams.get("rank"));
    if (broken) socket.send(JSON.stringify({ broken }));
    socket.on("message", (data) => {
      const { round, bytes, ended } = JSON.parse(String(data));
      if (ended) return tell({ round, ended: `rank ${rank} has given up: ${ended}` });
      const all = rounds.get(round) ?? [];
      all[rank] = bytes;
      rounds.set(round, all);
      if (Object.keys(all).length < size) return;
      rounds.delete(round);
      tell({ round, all });
    });
    socket.on("close", () => {
      broken ??= `rank ${rank} has left`;
      tell({ broken });
    });
  });
  const { port: own } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const close = () => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  };
  return { url: `ws://${host}:${own}`, close };
}
