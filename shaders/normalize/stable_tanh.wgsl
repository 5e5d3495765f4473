// Expects: vector/*.

// The built-in tanh is NaN beyond 89 on SwiftShader and loses all digits near 0. For small z
// this one uses a quotient of polynomials from the continued fraction, else
// 1 - 2 / (exp(2 |z|) + 1). NaN stays NaN.
fn stableTanh(z: Vec) -> Vec {
  let a = abs(z);
  let q = z * z;
  let near = z * (10395.0 + q * (1260.0 + q * 21.0)) / (10395.0 + q * (4725.0 + q * (210.0 + q)));
  let far = sign(z) * (1.0 - 2.0 / (exp(min(2.0 * a, Vec(87.0))) + 1.0));
  return nanOr(z, select(far, near, a < Vec(0.625)));
}
