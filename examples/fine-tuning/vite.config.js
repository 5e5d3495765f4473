// The library lies above this folder.

export default {
  server: { fs: { allow: ["../.."] } },
  optimizeDeps: { include: ["@observablehq/plot"], noDiscovery: true },
};
