// Expects: vector/*.

// The sigmoid is 1 / (1 + exp(-z)). The exponent is bounded, because a quotient by infinity need
// not be 0; below the bound the result is 0. NaN is selected explicitly, because exp(NaN) is
// infinity on SwiftShader.
fn sigmoid(z: Vec) -> Vec {
  let s = 1.0 / (1.0 + exp(min(-z, Vec(87.0))));
  return nanOr(z, select(s, Vec(0.0), z < Vec(-87.0)));
}
