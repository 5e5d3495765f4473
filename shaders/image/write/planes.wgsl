// The result has a plane for each channel, written in vectors of four neighbouring pixels.
// Expects: image/uniforms, tensor y.
fn writePlane(start: u32, channel: u32, plane: vec4f) {
  if (channel >= params.firstChannel && channel < params.endChannel) {
    store_y(start + channel * params.resultOfChannel, plane);
  }
}

fn writePixels(image: u32, first: u32, four: array<vec3f, 4>) {
  let start = params.resultBase + image * params.resultOfImage + first / 4u;
  writePlane(start, 0u, vec4f(four[0].x, four[1].x, four[2].x, four[3].x));
  writePlane(start, 1u, vec4f(four[0].y, four[1].y, four[2].y, four[3].y));
  writePlane(start, 2u, vec4f(four[0].z, four[1].z, four[2].z, four[3].z));
}
