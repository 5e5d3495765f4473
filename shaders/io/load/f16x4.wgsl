// The input is read in vectors of four neighbouring f16, on devices with shader-f16.
// Expects: vector/*.
@group(0) @binding(0) var<storage, read> tensor: array<vec4<f16>>;

const has_tensor = true;

fn load_tensor(at: u32) -> Vec {
  return vec4f(tensor[at]);
}
