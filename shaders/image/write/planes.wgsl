// The result has a plane for each channel, written in vectors of four neighbouring pixels.
// Expects: image/uniforms, tensor y.
fn writePixels(image: u32, first: u32, four: array<vec3f, 4>) {
  let start = params.resultBase + image * params.resultOfImage + first / 4u;
  var pixels = four;
  for (var c = params.firstChannel; c < params.endChannel; c++) {
    let plane = vec4f(pixels[0][c], pixels[1][c], pixels[2][c], pixels[3][c]);
    store_y(start + c * params.resultOfChannel, plane);
  }
}
