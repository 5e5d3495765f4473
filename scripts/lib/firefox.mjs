// Firefox is another implementation of WebGPU than Chrome's (wgpu and naga, as in Deno). It is only
// given an address: pages report by themselves, so that nothing has to drive it.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { apt, aptWorks } from "./install.mjs";
import { lavapipe } from "./lavapipe.mjs";
import { html, servePages } from "./pages.mjs";

/** @typedef {{ path: string, env: NodeJS.ProcessEnv, device: string }} Firefox */

/** WebGPU also where it is off by default; no pages and no traffic of Firefox's own. */
const PREFERENCES = {
  "dom.webgpu.enabled": true,
  "dom.webgpu.service-workers.enabled": true,
  "gfx.webgpu.ignore-blocklist": true,
  "app.update.enabled": false,
  "browser.aboutwelcome.enabled": false,
  "browser.sessionstore.resume_from_crash": false,
  "browser.shell.checkDefaultBrowser": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "dom.max_script_run_time": 0, // a test may take long
  "extensions.update.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "privacy.reduceTimerPrecision": false,
  "toolkit.startup.max_resumed_crashes": -1,
  "toolkit.telemetry.enabled": false,
};

const PLACES = [
  "/Applications/Firefox.app/Contents/MacOS/firefox",
  "C:\\Program Files\\Mozilla Firefox\\firefox.exe",
];

function paths() {
  const asked = process.env.WEBGPU_NORM_FIREFOX;
  if (asked) return [asked];
  const folders = (process.env.PATH ?? "").split(delimiter);
  const named = ["firefox", "firefox-esr"].flatMap((name) => folders.map((at) => join(at, name)));
  return [...named, ...PLACES].filter(existsSync);
}

/**
 * Opens an address in a Firefox of its own, without a window. `close` ends it.
 * @param {{ path: string, env: NodeJS.ProcessEnv }} firefox
 * @param {string} url
 * @param {Readonly<Record<string, boolean>>} [more] preferences
 */
export function openFirefox({ path, env }, url, more = {}) {
  const profile = mkdtempSync(join(tmpdir(), "webgpu-norm-firefox-"));
  const lines = Object.entries({ ...PREFERENCES, ...more }).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
  );
  writeFileSync(join(profile, "user.js"), lines.join(""));
  const args = ["--headless", "--no-remote", "--profile", profile, url];
  const browser = spawn(path, args, {
    env: { ...env, MOZ_CRASHREPORTER_DISABLE: "1" },
    stdio: "ignore",
  });
  const ended = new Promise((resolve) => {
    browser.once("error", resolve);
    browser.once("exit", resolve);
  });
  const close = async () => {
    browser.kill();
    const timer = setTimeout(() => browser.kill("SIGKILL"), 10_000);
    await ended;
    clearTimeout(timer);
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  return { ended, close };
}

const PROBE = html(`<script>
  const tell = (body) => fetch("/report", { method: "POST", body });
  (async () => {
    const adapter = await navigator.gpu?.requestAdapter();
    const { description, vendor, architecture } = adapter?.info ?? {};
    return adapter ? "adapter " + (description || [vendor, architecture].join(" ")) : "none";
  })().then(tell, tell);
</script>`);

/**
 * A Firefox whose pages get an adapter, or undefined. Where Linux has no GPU it is to take lavapipe.
 * @returns {Promise<Firefox | undefined>}
 */
export async function findFirefox() {
  const found = paths();
  if (found.length === 0) return undefined;
  const env =
    (process.platform === "linux" && !process.env.VK_ICD_FILENAMES && lavapipe()) || process.env;
  for (const path of found) {
    const told = await probe({ path, env });
    if (told?.startsWith("adapter")) return { path, env, device: told.slice(8).trim() };
  }
  return undefined;
}

const LONGEST = 60_000; // milliseconds until it tells of its adapter

/** @param {{ path: string, env: NodeJS.ProcessEnv }} firefox @returns {Promise<string | undefined>} */
async function probe(firefox) {
  /** @type {(line?: string) => void} */
  let tell = () => {};
  const told = new Promise((resolve) => {
    tell = resolve;
  });
  const server = await servePages((path) => (path === "/" ? PROBE : undefined), tell);
  const browser = openFirefox(firefox, server.url);
  const timer = setTimeout(tell, LONGEST);
  try {
    return await Promise.race([told, browser.ended.then(() => undefined)]);
  } finally {
    clearTimeout(timer);
    server.close();
    await browser.close();
  }
}

/** Installs Debian's where there is none; Firefox in the end. */
export async function provideFirefox() {
  const found = await findFirefox();
  if (found || paths().length > 0 || !aptWorks()) return found;
  console.log("setup: installing Firefox (apt-get install firefox-esr)");
  const installed = apt("update") && apt("install", "-y", "--no-install-recommends", "firefox-esr");
  return installed ? findFirefox() : undefined;
}
