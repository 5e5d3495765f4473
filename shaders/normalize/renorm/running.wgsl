// Batch renormalization (Ioffe 2017) derives gain and offset, within bounds, from the difference
// between the statistics of the batch and the running statistics.
// Expects: loop/uniforms, reduce/state, vector/*, tensor runningMean, tensor runningVar.
fn withRenorm(k: Normalizer, at: u32) -> Normalizer {
  let running = inverseSqrt(load_runningVar(params.renormSecond + at) + params.eps);
  let most = Vec(params.maxGain);
  let apart = (k.pivot - load_runningMean(params.renormFirst + at)) + k.delta;
  let gain = clamp(running / k.factor, 1.0 / most, most);
  let offset = clamp(apart * running, Vec(-params.maxOffset), Vec(params.maxOffset));
  return Normalizer(k.pivot, k.delta, k.factor, gain, offset);
}
