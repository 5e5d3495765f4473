// The activation is log(1 + exp(z)) = max(z, 0) + log(1 + e) with e = exp(-|z|). The logarithm is
// 2 atanh(t) with t = e / (2 + e), a quotient of polynomials (Pade's) that keeps its digits where e
// is small.
// Expects: epilogue/parameters/*, vector/*.
fn activation(z: Vec, p: Parameters) -> Vec {
  let e = exp(max(-abs(z), Vec(-87.0)));
  let t = e / (2.0 + e);
  let q = t * t;
  let s = (945.0 - q * (735.0 - q * 64.0)) / (945.0 - q * (1050.0 - q * 225.0));
  return nanOr(z, max(z, Vec(0.0)) + 2.0 * t * s);
}
