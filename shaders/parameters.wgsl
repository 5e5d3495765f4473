// Weight and bias on the way, where there are any.
// Expects: params, walk, a pack/*, a param/*.
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
    let at = c.at.weight + within * params.run.weight;
    p.weight = loadWeight(at) + params.weightOffset;
  }
  if (HAS_BIAS) {
    p.bias = loadBias(c.at.bias + within * params.run.bias);
  }
  return p;
}

fn yAt(c: Cursor) -> u32 {
  return c.at.y + c.within * params.run.y;
}
