// A hub passes what a rank sends for a round on to all, also to those that come later. It tells them
// which rank has given up, has left or sends what is no message, so that nobody waits for it.

import { once } from "node:events";
import { WebSocketServer } from "ws";

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const POLICY = 1008; // WebSocket's code of a connection that is refused

/**
 * @param {{ size: number, port?: number, host?: string }} options
 * @returns {Promise<{ url: string, close: () => void }>}
 */
export async function startHub({ size, port = 0, host = "127.0.0.1" }) {
  const server = new WebSocketServer({ port, host });
  await once(server, "listening");
  /** @type {Map<number, import("ws").WebSocket>} */
  const ranks = new Map();
  /** @type {Map<string, (string | undefined)[]>} the rounds that some have not sent to yet */
  const rounds = new Map();
  /** @type {Map<string, string>} the rounds that one has given up: who comes late is told so */
  const given = new Map();
  /** @type {string | undefined} */
  let broken;

  const tell = (/** @type {object} */ message) => {
    for (const socket of ranks.values()) socket.send(JSON.stringify(message));
  };
  const break_ = (/** @type {string} */ reason) => {
    broken ??= reason;
    rounds.clear();
    tell({ broken });
  };

  server.on("connection", (socket, request) => {
    socket.on("error", () => {}); // its end follows
    const query = new URLSearchParams(request.url?.split("?")[1]);
    const numberOf = (/** @type {string} */ name) => Number(query.get(name) ?? Number.NaN);
    const rank = numberOf("rank");
    const refused = refusal(rank, numberOf("size"), size, ranks);
    if (refused) return socket.close(POLICY, refused);
    ranks.set(rank, socket);
    if (broken) socket.send(JSON.stringify({ broken }));
    for (const [round, all] of rounds) {
      all.forEach((bytes, from) => {
        socket.send(JSON.stringify({ round, from, bytes }));
      });
    }
    for (const [round, ended] of given) socket.send(JSON.stringify({ round, ended }));
    socket.on("message", (data) => {
      const message = messageOf(String(data));
      if (!message) return break_(`rank ${rank} has sent what is no message`);
      const { round, bytes, ended } = message;
      if (ended !== undefined) {
        rounds.delete(round);
        if (!given.has(round)) given.set(round, `rank ${rank} has given up: ${ended}`);
      }
      if (given.has(round)) return tell({ round, ended: given.get(round) });
      const all = rounds.get(round) ?? [];
      if (rank in all) return break_(`rank ${rank} has sent round ${round} twice`);
      all[rank] = bytes;
      rounds.set(round, all);
      if (Object.keys(all).length === size) rounds.delete(round);
      tell({ round, from: rank, bytes });
    });
    socket.on("close", () => {
      ranks.delete(rank);
      break_(`rank ${rank} has left`);
    });
  });
  const { port: own } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const close = () => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  };
  return { url: `ws://${host}:${own}`, close };
}

/**
 * Says why a connection is refused. The others go on: it is not one of them.
 *
 * @param {number} rank
 * @param {number} of
 * @param {number} size
 * @param {ReadonlyMap<number, unknown>} ranks
 */
function refusal(rank, of, size, ranks) {
  const isRank = Number.isInteger(rank) && rank >= 0 && rank < size;
  if (of !== size || !isRank) return `rank ${rank} of ${of}, expected one of 0 .. ${size - 1}`;
  return ranks.has(rank) ? `rank ${rank} is here already, expected one worker a rank` : undefined;
}

/**
 * @param {string} text
 * @returns {{ round: string, bytes?: string, ended?: string } | undefined}
 */
function messageOf(text) {
  try {
    const { round, bytes, ended } = JSON.parse(text);
    if (typeof round !== "string") return undefined;
    if (typeof ended === "string") return { round, ended };
    return typeof bytes === "string" && BASE64.test(bytes) ? { round, bytes } : undefined;
  } catch {
    return undefined; // it is no JSON
  }
}
