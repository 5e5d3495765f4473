// An input of packs of four neighbouring f16, of which the device knows.
@group(0) @binding(0) var<storage, read> port: array<vec4<f16>>;

const has_port = true;

fn load_port(at: u32) -> Wide {
  return vec4f(port[at]);
}
