// The library throws this one kind of error, at a call and before any GPU work. A message reads
// "operation: subject, given value, expected value".

export class NormError extends Error {
  override name = "NormError";
}

export function fail(op: string, message: string): never {
  throw new NormError(`${op}: ${message}`);
}

/** Formats a value for an error message. */
export function show(value: unknown): string {
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    const list = Array.from(value as ArrayLike<unknown>, show);
    return list.length > 8 ? `[${list.slice(0, 8).join(", ")}, ...]` : `[${list.join(", ")}]`;
  }
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "object" && value !== null) return `an object`;
  return typeof value === "function" ? "a function" : String(value);
}
