// Statistics that somebody else has measured: running ones, or those of an earlier pass.
// Expects: params, walk, source/elements, a stat/*, moments.
@group(0) @binding(6) var<storage, read> pivots: array<f32>;
@group(0) @binding(7) var<storage, read> spreads: array<f32>;

fn measure(start: Cursor, job: Job) -> Moments {
  var pivot: array<f32, PARTS>;
  var delta: array<f32, PARTS>;
  var variance: array<f32, PARTS>;
  for (var i = 0u; i < PARTS; i++) {
    let at = job.origin.stat + i * params.statStep;
    pivot[i] = pivots[params.givenPivot + at];
    variance[i] = spreads[params.givenVariance + at];
    if (params.givenDelta != NONE) {
      delta[i] = spreads[params.givenDelta + at];
    }
  }
  let n = params.givenCount;
  return Moments(together(pivot), together(delta), together(variance) * n, n);
}
