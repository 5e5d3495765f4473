// The bend is tanh(t).
// Expects: normalize/stable_tanh, normalize/stable_tanh_slope, vector/*.
fn bend(t: Vec) -> Vec {
  return stableTanh(t);
}

fn bendSlope(t: Vec) -> Vec {
  return stableTanhSlope(t);
}
