// The result has any strides, and is written element by element.
// Expects: image/uniforms, tensor y.
fn writePixels(image: u32, first: u32, four: array<vec3f, 4>) {
  let start = params.resultBase + image * params.resultOfImage;
  var pixels = four;
  var row = first / params.columns;
  var column = first % params.columns;
  for (var i = 0u; i < min(4u, params.endPixel - first); i++) {
    let at = start + row * params.resultOfRow + column * params.resultOfColumn;
    for (var c = params.firstChannel; c < params.endChannel; c++) {
      store_y(at + c * params.resultOfChannel, pixels[i][c]);
    }
    column++;
    if (column == params.columns) {
      column = 0u;
      row++;
    }
  }
}
