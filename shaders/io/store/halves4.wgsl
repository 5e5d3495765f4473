// An output of packs of four neighbouring f16 or bf16, two in a word.
// Expects: halves.
override port_half = 1u;

@group(0) @binding(0) var<storage, read_write> port: array<vec2u>;

const has_port = true;

fn read_port(at: u32) -> Wide {
  return widened(port[at], port_half);
}

fn store_port(at: u32, value: Wide) {
  port[at] = narrowed(value, port_half);
}
