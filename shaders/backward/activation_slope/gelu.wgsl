// The slope is the derivative of GELU.
// Expects: epilogue/activation/gelu, epilogue/parameters/*, vector/*.
fn activationSlope(z: Vec, p: Parameters) -> Vec {
  let near = clamp(z, Vec(-13.0), Vec(13.0));
  let s = geluBelow(near) + near * 0.3989422804014327 * exp(-0.5 * near * near);
  return nanOr(z, s);
}
