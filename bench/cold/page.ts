// This page loads one library and times its first result, from the request for its code to the
// numbers. They are compared with float64 afterwards.

import { layerNorm } from "../../test/reference/norms";
import { ALLOWED, largestError } from "../check";
import { bias, EPS, type First, LENGTH, ROWS, weight, x } from "./workload";

async function firstResult(id: string): Promise<number> {
  const url = new URL(`${id}.js`, location.href);
  const start = performance.now();
  const { first } = (await import(/* @vite-ignore */ url.href)) as { first: First };
  const y = await first();
  const ms = performance.now() - start;
  const error = largestError({ y }, { y: expected(id) });
  if (!(error <= ALLOWED.f32)) throw new Error(`${id}: the first result is off by ${error}`);
  return ms;
}

function expected(id: string) {
  const values = { shape: [ROWS, LENGTH], data: x };
  if (id === "copy") return values;
  const along = (data: Float32Array) => ({ shape: [LENGTH], data });
  const parameters = { weight: along(weight), bias: along(bias) };
  return layerNorm(values, { normalizedShape: [LENGTH], eps: EPS, ...parameters }).y;
}

Object.assign(globalThis, { firstResult });
