// Gradient through mean and variance, where gain and offset are constants: dx = gain factor (g - mean(g) -
// xhat mean(g xhat)).
// Expects: params, moments.
fn plain(x: Wide, k: Known) -> Wide {
  return ((x - k.pivot) - k.delta) * k.factor;
}

fn outgoing(g: Wide, u: Wide, x: Wide, k: Known, s: Terms) -> Wide {
  let centered = (g - s.first / params.count) - plain(x, k) * (s.second / params.count);
  return k.gain * k.factor * centered;
}
