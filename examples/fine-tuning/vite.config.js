export default { optimizeDeps: { include: ["@observablehq/plot"], noDiscovery: true } };
