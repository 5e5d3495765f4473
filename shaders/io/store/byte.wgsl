// The output is written byte by byte. Four bytes share a word, and different invocations may write
// them. Each invocation changes only its own bits, so that the result does not depend on their
// order.
// Expects: io/byte_of.
@group(0) @binding(0) var<storage, read_write> tensor: array<atomic<u32>>;

const has_tensor = true;

fn read_tensor(at: u32) -> f32 {
  return f32((atomicLoad(&tensor[at >> 2u]) >> (8u * (at & 3u))) & 0xffu);
}

fn store_tensor(at: u32, value: f32) {
  let shift = 8u * (at & 3u);
  let before = (atomicLoad(&tensor[at >> 2u]) >> shift) & 0xffu;
  let after = byteOf(value);
  atomicXor(&tensor[at >> 2u], (before ^ after) << shift);
}
