// The fuzzer runs in a process of Node or Deno: its work comes as an argument, its steps go out as
// lines.

import { fuzz } from "./main";

declare global {
  var Deno: unknown;
}

if (globalThis.Deno === undefined) {
  const { create, globals } = await import("webgpu");
  Object.assign(globalThis, globals);
  const navigator = { gpu: create([]) }; // has to outlive its devices
  Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true });
}

await fuzz(JSON.parse(process.argv[2]), (step) => console.log(JSON.stringify(step)));
process.exit(0); // Dawn's thread would keep it
