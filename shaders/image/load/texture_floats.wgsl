// The image is a texture with more bits than 8 for each channel, a layer for each image.
// Expects: image/uniforms.
@group(0) @binding(1) var source: texture_2d_array<f32>;

fn colourAt(image: u32, row: u32, column: u32) -> vec3f {
  return textureLoad(source, vec2u(column, row), params.firstImage + image, 0).xyz * 255.0;
}
