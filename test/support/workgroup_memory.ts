// This file counts the workgroup memory of a kernel from its text.

const BYTES: Readonly<Record<string, number>> = { bool: 4, f32: 4, u32: 4, vec4f: 16 };

/** Invocations have so many elements of an array, at most; a block has two of them. */
const SHARES: Readonly<Record<string, number>> = { WORKGROUP: 1, SEATS: 1, BLOCKS: 0.5 };

/** Returns the bytes that a joined kernel declares, each variable rounded up as WGSL counts it. */
export function workgroupMemory(text: string, workgroup: number): number {
  const code = text.replace(/\/\/.*/g, "");
  const aliases = new Map([...code.matchAll(/\balias (\w+) = (\w+);/g)].map(([, a, b]) => [a, b]));
  const declared = [...code.matchAll(/var<workgroup>\s*\w+: ([^;]*);/g)].map(([, type]) => type);
  return declared.reduce((sum, type) => {
    const [, element = type, many] = /^array<(\w+), (WORKGROUP|SEATS|BLOCKS)>$/.exec(type) ?? [];
    const bytes = BYTES[aliases.get(element) ?? element];
    if (bytes === undefined) throw new Error(`workgroup memory of type ${type}`);
    return sum + Math.ceil((bytes * (many ? workgroup * SHARES[many] : 1)) / 16) * 16;
  }, 0);
}
