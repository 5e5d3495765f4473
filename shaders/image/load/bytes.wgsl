// The image has bytes anywhere in the buffer.
// Expects: image/uniforms.
@group(0) @binding(1) var<storage, read> source: array<u32>;

fn byteAt(at: u32) -> u32 {
  return (source[at / 4u] >> (at % 4u * 8u)) & 0xffu;
}

fn colourAt(image: u32, row: u32, column: u32) -> vec3f {
  let start = params.sourceBase + image * params.sourceOfImage;
  let at = start + row * params.sourceOfRow + column * params.sourceOfColumn;
  let next = params.sourceOfChannel;
  return vec3f(vec3u(byteAt(at), byteAt(at + next), byteAt(at + 2u * next)));
}
