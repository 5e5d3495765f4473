// An output of packs of four neighbouring f32.
@group(0) @binding(0) var<storage, read_write> port: array<vec4f>;

const has_port = true;

fn read_port(at: u32) -> Wide {
  return port[at];
}

fn store_port(at: u32, value: Wide) {
  port[at] = value;
}
