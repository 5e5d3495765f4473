// This file opens the context, or returns a text for a visitor whose browser cannot.

import { type Context, createContext } from "../../src/index";

export interface Trouble {
  title: string;
  remedy: string;
  /** There was a GPU, and another try may bring it back. */
  lost?: boolean;
}

/** What is missing before the library is even asked. */
function missing(): Trouble | undefined {
  if (!globalThis.isSecureContext) {
    return {
      title: "WebGPU needs a secure page.",
      remedy: "Open this page through https, or on this machine through localhost.",
    };
  }
  if (!("gpu" in navigator) || !navigator.gpu) {
    return {
      title: "This browser has no WebGPU, so nothing can be computed here.",
      remedy:
        "Use a current Chrome or Edge (113 or later), Safari (26 or later) or Firefox (141 or later on " +
        "Windows, 145 on Macs). On Linux, Chrome may need chrome://flags/#enable-unsafe-webgpu.",
    };
  }
  return undefined;
}

export async function openContext(create = createContext): Promise<Context | Trouble> {
  const trouble = missing();
  if (trouble) return trouble;
  try {
    return await create();
  } catch (error) {
    return {
      title: `The browser has WebGPU but gives no GPU: ${messageOf(error)}.`,
      remedy:
        "Turn on hardware acceleration in the browser's settings and update the graphics driver; " +
        "chrome://gpu says what is blocked and why.",
    };
  }
}

export function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, "");
}
