// An output of f16 or bf16 written element by element. Two share a word, and different invocations may
// write them: each changes its own bits alone, so that the result does not depend on their order.
// Expects: halves.
override port_half = 1u;

@group(0) @binding(0) var<storage, read_write> port: array<atomic<u32>>;

const has_port = true;

fn read_port(at: u32) -> f32 {
  return element(atomicLoad(&port[at >> 1u]), at, port_half);
}

fn store_port(at: u32, value: f32) {
  let shift = (at & 1u) * 16u;
  let before = (atomicLoad(&port[at >> 1u]) >> shift) & 0xffffu;
  let after = narrowed(vec4f(value, 0.0, 0.0, 0.0), port_half).x & 0xffffu;
  atomicXor(&port[at >> 1u], (before ^ after) << shift);
}
