// The gradient goes through the norm and the gates around it, whose own gradients are written on
// the way.
// Expects: epilogue/parameters/*, gate/dy, gate/factor, gate/gated, gate/reached, gate/slope,
//   loop/operands, mask/rules, mask/through, mask/weight/*, reduce/state, vector/*, tensor branch,
//   tensor dGate, tensor dResidual, tensor dResidualGate, tensor dSkip, tensor dSkipGate,
//   tensor dSum, tensor dy, tensor gate, tensor residualBias, tensor residualGate, tensor x.

// These gradients need the norm's result.
fn storeBehindNorm(at: Offsets, x: Vec, k: Normalizer) {
  let isBehind = has_gate && !GATE_FIRST;
  if (has_dSkipGate || (has_dGate && isBehind)) {
    let y = normed(x, k, parametersAt(at));
    if (has_dSkipGate) {
      store_dSkipGate(at.dSkipGate, finiteAt(load_dy(at.dy) * gated(y, x, at), at));
    }
    if (isBehind) {
      let slope = gateSlope(load_gate(at.gate));
      store_dGate(at.dGate, reached(gradientBehindSkip(at) * y * slope, at));
    }
  }
}

fn throughFirstGate(de: Vec, at: Offsets) -> Vec {
  let z = load_gate(at.gate);
  if (has_dGate) {
    store_dGate(at.dGate, reached(de * load_x(at.x) * gateSlope(z), at));
  }
  let dx = finiteAt(de * gateFactor(z), at);
  if (FILL == FILL_KEEPS) {
    return select(de, dx, maskAt(at) > Vec(0.0));
  }
  return dx;
}

fn throughNorm(at: Offsets, g: Vec, u: Vec, x: Vec, k: Normalizer, s: Summands) -> Vec {
  if (has_dSkip) {
    store_dSkip(at.skip, finiteAt(load_dy(at.dy), at));
  }
  storeBehindNorm(at, x, k);
  var dx = throughMask(g, u, x, k, s, maskAt(at), gradientBehindSkip(at));
  if (has_gate && GATE_FIRST) {
    dx = throughFirstGate(dx, at);
  }
  dx += load_dSum(at.dSum);
  if (has_dResidual) {
    store_dResidual(at.dResidual, dx);
  }
  if (has_dResidualGate) {
    let v = load_branch(at.branch) + load_residualBias(at.residualBias);
    store_dResidualGate(at.dResidualGate, finiteAt(dx * v, at));
  }
  if (has_residualGate) {
    dx = finiteAt(dx * load_residualGate(at.residualGate), at);
  }
  return dx;
}
