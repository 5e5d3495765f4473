// The server of the queue is a Redis or a Valkey that keeps what it is given. What is wrong with it
// is said before there is work in it, and what happens to it in between ends with what to do.

import { Redis } from "ioredis";

const RETRY_MS = 500;

/** The server's name for messages: an address may have a password. @param {string} redis */
export function hostOf(redis) {
  if (!URL.canParse(redis) || !/^rediss?:$/.test(new URL(redis).protocol)) {
    throw new Error(`--redis ${redis}, expected an address like redis://HOST:6379`);
  }
  return new URL(redis).host;
}

/**
 * Connects, and waits for a server that has gone for some seconds.
 *
 * @param {string} redis
 * @param {number} patience
 */
export function connect(redis, patience) {
  const client = new Redis(redis, {
    maxRetriesPerRequest: null,
    retryStrategy: (times) => (times * RETRY_MS < 1000 * patience ? RETRY_MS : null),
  });
  let isThere = true;
  client.on("ready", () => {
    isThere = true;
  });
  client.on("error", ({ message }) => {
    if (isThere) console.error(`${hostOf(redis)}: ${message}, waiting up to ${patience} s for it`);
    isThere = false;
  });
  return client;
}

/**
 * Rejects where no server answers, or one that drops keys when it is full: among them would be jobs.
 *
 * @param {string} redis
 */
export async function checkServer(redis) {
  const host = hostOf(redis);
  const { policy } = await firstAnswer(redis).catch(({ message }) => {
    throw new Error(`${host}: ${message}, expected a Redis or a Valkey that answers`);
  });
  if (policy === "noeviction") return;
  throw new Error(`${host}: maxmemory-policy ${policy}, expected noeviction: else jobs are lost`);
}

/** Asks once: a server that is not there yet is not waited for. @param {string} redis */
async function firstAnswer(redis) {
  const client = new Redis(redis, { lazyConnect: true, retryStrategy: () => null });
  let reason;
  client.on("error", (error) => {
    reason = error; // says more than the rejection, "Connection is closed."
  });
  try {
    await client.connect();
    return await memoryOf(client);
  } catch (error) {
    throw reason ?? error;
  } finally {
    client.disconnect();
  }
}

/**
 * @param {{ info(section: "memory"): Promise<string> }} client
 * @returns {Promise<{ policy: string, most: number }>} what it does when it has more than `most` bytes
 */
export async function memoryOf(client) {
  const text = await client.info("memory");
  const of = (/** @type {string} */ key) => new RegExp(`^${key}:(.*?)\\r?$`, "m").exec(text)?.[1];
  return {
    policy: of("maxmemory_policy") ?? "noeviction",
    most: Number(of("maxmemory") ?? 0),
  };
}
