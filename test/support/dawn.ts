// This file gives Node the WebGPU globals of a browser, among them navigator.gpu, from Dawn.

import { create, globals } from "webgpu";

// the instance has to outlive every adapter and device, so the global holds it
const navigator = { gpu: create([]) };
Object.assign(globalThis, globals);
Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true });
