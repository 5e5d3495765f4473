// An output written element by element.
@group(0) @binding(0) var<storage, read_write> port: array<f32>;

const has_port = true;

fn read_port(at: u32) -> f32 {
  return port[at];
}

fn store_port(at: u32, value: f32) {
  port[at] = value;
}
