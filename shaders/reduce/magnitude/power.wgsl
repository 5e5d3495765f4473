// The magnitude is a power of the absolute value, with the exponent from the uniforms (pow() is
// undefined below 0).
// Expects: loop/uniforms, vector/*.
fn magnitude(x: Vec) -> Vec {
  let a = abs(x);
  return select(exp2(params.exponent * log2(a)), a, a == Vec(0.0));
}

fn normFrom(sum: PerGroup) -> PerGroup {
  return select(exp2(log2(sum) / params.exponent), sum, sum == PerGroup(0.0));
}
