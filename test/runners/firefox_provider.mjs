// Vitest opens its pages in Firefox by this provider. It only opens them: the pages themselves
// speak with Vitest.

import { defineBrowserProvider } from "@vitest/browser";
import { openFirefox } from "../../scripts/lib/firefox.mjs";

/** @typedef {{ path: string, env: NodeJS.ProcessEnv }} Options */

/** @param {Options} firefox */
export const firefoxProvider = (firefox) =>
  defineBrowserProvider({
    name: "firefox",
    options: firefox,
    providerFactory: () => {
      /** @type {ReturnType<typeof openFirefox>[]} */
      const open = [];
      return {
        name: "firefox",
        supportsParallelism: false,
        getCommandsContext: () => ({}),
        openPage: async (_, url) => {
          open.push(openFirefox(firefox, url));
        },
        close: async () => {
          await Promise.all(open.splice(0).map((browser) => browser.close()));
        },
      };
    },
  });
