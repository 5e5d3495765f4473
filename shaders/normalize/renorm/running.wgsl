// Batch renormalization (Ioffe 2017): how the batch's statistics differ from the running ones, within bounds.
// Expects: params, moments, ports runningMean, runningVar.
fn completed(k: Known, at: u32) -> Known {
  let running = inverseSqrt(load_runningVar(params.runningVarBase + at) + params.eps);
  let most = Wide(params.mostGain);
  let apart = (k.pivot - load_runningMean(params.runningMeanBase + at)) + k.delta;
  let gain = clamp(running / k.factor, 1.0 / most, most);
  let offset = clamp(apart * running, Wide(-params.mostOffset), Wide(params.mostOffset));
  return Known(k.pivot, k.delta, k.factor, gain, offset);
}
