// The parameters of an element lead back from a norm's result, as a factor and a term: (y - bias) /
// (weight + weightOffset) times the deviation plus the mean. The scale is a variance, or an rstd,
// of which 0 gives the mean.
// Expects: loop/operands, loop/uniforms, vector/*, tensor bias, tensor scale, tensor shift,
//   tensor weight.
struct Parameters {
  weight: Vec,
  bias: Vec,
  scale: Vec,
  shift: Vec,
  threshold: Vec,
  slope: Vec, // of leakyRelu and prelu
}

fn parametersAt(at: Offsets) -> Parameters {
  var p: Parameters;
  p.weight = Vec(1.0);
  if (has_weight) {
    p.weight = 1.0 / (load_weight(at.weight) + params.weightOffset);
  }
  if (has_bias) {
    p.bias = -load_bias(at.bias) * p.weight;
  }
  let statistic = load_scale(at.scale);
  if (params.squareRoot == 1u) {
    p.scale = sqrt(statistic + params.eps);
  } else {
    p.scale = select(1.0 / statistic, Vec(0.0), statistic == Vec(0.0));
  }
  p.shift = load_shift(at.shift);
  return p;
}
