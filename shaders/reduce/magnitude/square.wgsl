// What is summed: squares; the norm is the root of their sum.
fn magnitude(x: Wide) -> Wide {
  return x * x;
}

fn normOf(sum: Stat) -> Stat {
  return sqrt(sum);
}
