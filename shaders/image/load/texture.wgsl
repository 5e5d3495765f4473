// The image is a texture with 8 bits for each channel, a layer for each image. Bytes come back as
// they were.
// Expects: image/uniforms.
@group(0) @binding(1) var source: texture_2d_array<f32>;

fn colourAt(image: u32, row: u32, column: u32) -> vec3f {
  return round(textureLoad(source, vec2u(column, row), params.firstImage + image, 0).xyz * 255.0);
}
