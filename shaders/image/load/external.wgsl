// The image is a frame of a video. The device converts its colours to sRGB.
// Expects nothing.
@group(0) @binding(1) var source: texture_external;

fn colourAt(image: u32, row: u32, column: u32) -> vec3f {
  return textureLoad(source, vec2u(column, row)).xyz * 255.0;
}
