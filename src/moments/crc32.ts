// CRC-32 of zip files and PNG: it finds every change of up to 32 neighbouring bits.

const POLYNOMIAL = 0xedb88320;

const entries = /* @__PURE__ */ Uint32Array.from({ length: 256 }, (_, byte) => {
  let word = byte;
  for (let i = 0; i < 8; i++) word = (word >>> 1) ^ (word & 1 ? POLYNOMIAL : 0);
  return word;
});

export function crc32(bytes: Uint8Array): number {
  let word = -1;
  for (const byte of bytes) word = (word >>> 8) ^ (entries[(word ^ byte) & 255] as number);
  return ~word >>> 0;
}
