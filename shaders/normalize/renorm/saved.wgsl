// Batch renormalization's factor and summand, as its forward saved them.
// Expects: params, moments, ports r, d.
fn completed(k: Known, at: u32) -> Known {
  return Known(
    k.pivot, k.delta, k.factor, load_r(params.runningVarBase + at), load_d(params.runningMeanBase + at),
  );
}
