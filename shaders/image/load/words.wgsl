// The image is RGBA, a word for each pixel.
// Expects: image/uniforms.
@group(0) @binding(1) var<storage, read> source: array<u32>;

fn colourAt(image: u32, row: u32, column: u32) -> vec3f {
  let start = params.sourceBase + image * params.sourceOfImage; // may lie before the binding
  let word = source[(start + row * params.sourceOfRow + column * 4u) / 4u];
  return vec3f((vec3u(word) >> vec3u(0u, 8u, 16u)) & vec3u(0xffu));
}
