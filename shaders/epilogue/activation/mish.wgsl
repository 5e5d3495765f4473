// The activation is z * tanh(log(1 + exp(z))) = z n / (n + 2), where n = e (e + 2) and e = exp(z).
// Expects: epilogue/parameters/*, vector/*.
fn activation(z: Vec, p: Parameters) -> Vec {
  let e = exp(min(z, Vec(20.0))); // beyond, the quotient is 1
  let n = e * (e + 2.0);
  return nanOr(z, z * (n / (n + 2.0)));
}
