// Programs in pages report to the process that serves them. Any browser will do that can be given
// an address: nothing drives it.

import { once } from "node:events";
import { createServer } from "node:http";

/**
 * @typedef {object} Page
 * @property {string} type
 * @property {string | Buffer} body
 * @property {Record<string, string>} [headers]
 */

/**
 * Serves pages by their path, on localhost, where browsers have WebGPU. What they send to /report is
 * a line of text each.
 * @param {(path: string) => Page | undefined} find
 * @param {(line: string) => void} report
 */
export async function servePages(find, report) {
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    if (request.method === "POST" && path === "/report") {
      let text = "";
      for await (const chunk of request) text += chunk;
      response.writeHead(204).end();
      report(text);
      return;
    }
    const page = find(path);
    response.writeHead(page ? 200 : 404, { "content-type": page?.type ?? "", ...page?.headers });
    response.end(page?.body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://localhost:${address.port}`, close };
}

/** @param {string} body */
export const html = (body) => ({ type: "text/html", body: `<!doctype html>${body}` });
