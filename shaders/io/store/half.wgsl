// The output is written element by element, as f16 or bf16. Two elements share a word, and
// different invocations may write them. Each invocation changes only its own bits, so that the
// result does not depend on their order.
// Expects: io/halves.
override tensor_half = 1u;

@group(0) @binding(0) var<storage, read_write> tensor: array<atomic<u32>>;

const has_tensor = true;

fn read_tensor(at: u32) -> f32 {
  return decodeElement(atomicLoad(&tensor[at >> 1u]), at, tensor_half);
}

fn store_tensor(at: u32, value: f32) {
  let shift = (at & 1u) * 16u;
  let before = (atomicLoad(&tensor[at >> 1u]) >> shift) & 0xffffu;
  let after = encode4(vec4f(value, 0.0, 0.0, 0.0), tensor_half).x & 0xffffu;
  atomicXor(&tensor[at >> 1u], (before ^ after) << shift);
}
