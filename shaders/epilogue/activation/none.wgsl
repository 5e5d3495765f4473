// The call has no activation.
// Expects: epilogue/parameters/*, vector/*.
fn activation(z: Vec, p: Parameters) -> Vec {
  return z;
}

fn activationSlope(z: Vec, p: Parameters) -> Vec {
  return Vec(1.0);
}
