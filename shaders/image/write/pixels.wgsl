// The result has three neighbouring channels for each pixel: four pixels are three vectors.
// Expects: image/uniforms, tensor y.
fn writePixels(image: u32, first: u32, four: array<vec3f, 4>) {
  let start = params.resultBase + image * params.resultOfImage + first / 4u * 3u;
  store_y(start, vec4f(four[0], four[1].x));
  store_y(start + 1u, vec4f(four[1].yz, four[2].xy));
  store_y(start + 2u, vec4f(four[2].z, four[3]));
}
