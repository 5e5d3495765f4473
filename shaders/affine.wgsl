// ((x - pivot) - delta) * rstd * weight + bias.
// Expects: params, walk, moments, a pack/*, a param/*.
override HAS_WEIGHT = false;
override HAS_BIAS = false;
override PARAMS_VARY = false; // within a run

struct Parameters {
  weight: Wide,
  bias: Wide,
}

// Weight and bias so many steps on from the cursor, within its run.
fn parametersAt(c: Cursor, steps: u32) -> Parameters {
  let within = c.within + steps * TEAM;
  var p: Parameters;
  if (HAS_WEIGHT) {
    p.weight = loadWeight(c.at.weight + within * params.run.weight);
  }
  if (HAS_BIAS) {
    p.bias = loadBias(c.at.bias + within * params.run.bias);
  }
  return p;
}

fn rstdOf(m: Moments) -> Stat {
  return inverseSqrt(varianceOf(m) + params.eps);
}

fn affine(x: Wide, m: Moments, rstd: Stat, p: Parameters) -> Wide {
  var y = ((x - m.pivot) - m.delta) * rstd;
  if (HAS_WEIGHT) {
    y *= p.weight;
  }
  if (HAS_BIAS) {
    y += p.bias;
  }
  return y;
}

fn yAt(c: Cursor) -> u32 {
  return c.at.y + c.within * params.run.y;
}
