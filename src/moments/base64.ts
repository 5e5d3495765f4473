// Bytes in JSON are base64, as RFC 4648 has it.

import { fail, show } from "../base/errors";

const PART = 0x6000; // bytes: whole groups of three, few enough to be arguments

export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += PART) {
    text += btoa(String.fromCharCode(...bytes.subarray(at, at + PART)));
  }
  return text;
}

export function fromBase64(op: string, text: unknown): Uint8Array {
  if (typeof text !== "string") fail(op, `bytes ${show(text)}, expected base64`);
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch {
    return fail(op, `bytes ${show(`${text.slice(0, 16)}...`)}, expected base64`);
  }
}
