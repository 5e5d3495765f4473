// Two sums over a job; the normalized x and the gradient at it stay in registers.
// Expects: held, walk, parameters, incoming, a form/*, a gradient/*, a team/*.
override HOLD = false; // x is not in registers yet: its statistics were given

var<private> heldGradient: array<Wide, 16>;

fn totals(start: Cursor, job: Job, k: Known) -> Sums {
  if (HOLD) {
    hold(start, job);
  }
  var c = start;
  var all = Terms();
  for (var i = 0u; i < HELD; i++) {
    if (c.left > 0u) {
      let at = placeAt(c, 0u);
      let u = normalized(held[i], k);
      let g = atNormalized(at, u, parametersAt(at));
      heldGradient[i] = g;
      let t = sumTerms(g, u, held[i], k);
      all = Terms(all.first + t.first, all.second + t.second);
      c = skip(c, 1u, job);
    }
  }
  return combinedSums(Sums(fold(all.first), fold(all.second)), job);
}
