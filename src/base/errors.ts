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
  const { length } = Object(value);
  if (Array.isArray(value) || (ArrayBuffer.isView(value) && length !== undefined)) {
    const list = Array.from((value as unknown[]).slice(0, 8), show);
    return length > 8 ? `[${list.join(", ")}, ...]` : `[${list.join(", ")}]`;
  }
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  return `a${/^[AEIO]/.test(tag) ? "n" : ""} ${tag === "Object" ? "object" : tag}`;
}
