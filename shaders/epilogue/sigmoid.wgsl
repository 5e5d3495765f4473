// Expects: vector/*.

// 1 / (1 + exp(-z)). The exponent is bounded, as a quotient by infinity need not be 0; below the bound it is 0.
// exp(NaN) is infinity on SwiftShader, so that NaN has to be kept.
fn sigmoid(z: Vec) -> Vec {
  let s = 1.0 / (1.0 + exp(min(-z, Vec(87.0))));
  return select(select(z, s, z >= Vec(-87.0)), Vec(0.0), z < Vec(-87.0));
}
