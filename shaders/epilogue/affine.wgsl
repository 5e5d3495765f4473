// The epilogue applies weight, bias, threshold, modulation and activation to the normalized x, each
// where the call has it.
// Expects: epilogue/activation/*, epilogue/cast/*, epilogue/parameters/*, loop/operands, vector/*,
//   tensor bias, tensor scale, tensor shift, tensor threshold, tensor weight.
override PARAMS_VARY = false; // true where parameters change within what parametersOfLoop is for

// The parameters of an inner loop, or of a share in registers, are read once, unless they change
// within it.
fn parametersOfLoop(start: Offsets) -> Parameters {
  if (PARAMS_VARY) {
    return Parameters();
  }
  return parametersAt(start);
}

fn parametersWithin(ofLoop: Parameters, at: Offsets) -> Parameters {
  if (PARAMS_VARY) {
    return parametersAt(at);
  }
  return ofLoop;
}

fn applyAffine(u: Vec, p: Parameters) -> Vec {
  var z = u;
  if (has_weight) {
    z *= p.weight;
  }
  if (has_bias) {
    z += p.bias;
  }
  return z;
}

// The thresholded linear unit is max(z, threshold) (Singh & Krishnan 2019). NaN stays NaN.
fn applyThreshold(u: Vec, p: Parameters) -> Vec {
  let z = applyAffine(u, p);
  if (has_threshold) {
    return nanOr(z, max(z, p.threshold));
  }
  return z;
}

fn applyModulation(z: Vec, p: Parameters) -> Vec {
  var result = z;
  if (has_scale) {
    result *= p.scale;
  }
  if (has_shift) {
    result += p.shift;
  }
  return result;
}

fn epilogue(u: Vec, p: Parameters) -> Vec {
  return activation(applyModulation(applyThreshold(castNormalized(u), p), p), p);
}
