// The slope is alpha where alpha z + beta lies between 0 and 1.
// Expects: epilogue/parameters/*, loop/uniforms, vector/*.
fn activationSlope(z: Vec, p: Parameters) -> Vec {
  let s = params.alpha * z + params.beta;
  return select(Vec(params.alpha), Vec(0.0), (s <= Vec(0.0)) | (s >= Vec(1.0)));
}
