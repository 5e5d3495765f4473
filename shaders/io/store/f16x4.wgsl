// An output of packs of four neighbouring f16, of which the device knows.
@group(0) @binding(0) var<storage, read_write> port: array<vec4<f16>>;

const has_port = true;

fn read_port(at: u32) -> Wide {
  return vec4f(port[at]);
}

fn store_port(at: u32, value: Wide) {
  port[at] = vec4<f16>(value);
}
