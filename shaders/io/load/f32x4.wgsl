// An input of packs of four neighbouring f32.
@group(0) @binding(0) var<storage, read> port: array<vec4f>;

const has_port = true;

fn load_port(at: u32) -> Wide {
  return port[at];
}
