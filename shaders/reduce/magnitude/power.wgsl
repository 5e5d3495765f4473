// What is summed: powers of absolute values, the exponent from the uniforms (pow() is undefined below 0).
// Expects: params.
fn magnitude(x: Wide) -> Wide {
  let a = abs(x);
  return select(exp2(params.exponent * log2(a)), a, a == Wide(0.0));
}

fn normOf(sum: Stat) -> Stat {
  return select(exp2(log2(sum) / params.exponent), sum, sum == Stat(0.0));
}
