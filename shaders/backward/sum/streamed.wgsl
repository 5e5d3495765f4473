// Two sums over a job, of terms/*, read from memory; in blocks as in measure/streamed.wgsl.
// Expects: walk, parameters, a terms/*, a team/*.
const SPAN = 32u;

fn added(a: Terms, b: Terms) -> Terms {
  return Terms(a.first + b.first, a.second + b.second);
}

fn own(start: Cursor, job: Job, k: Known) -> Sums {
  var c = start;
  var block = Terms(); // of 32 packs
  var chunk = Terms(); // of 32 blocks
  var total = Terms();
  var packs = 0u;
  while (c.left > 0u) {
    let n = min(span(c), SPAN - packs % SPAN);
    var p: Parameters;
    if (!PARAMS_VARY) {
      p = parametersAt(placeAt(c, 0u));
    }
    for (var i = 0u; i < n; i++) {
      let at = placeAt(c, i);
      if (PARAMS_VARY) {
        p = parametersAt(at);
      }
      block = added(block, gradientTerms(at, k, p));
    }
    packs += n;
    if (packs % SPAN == 0u) {
      chunk = added(chunk, block);
      block = Terms();
    }
    if (packs % (SPAN * SPAN) == 0u) {
      total = added(total, chunk);
      chunk = Terms();
    }
    c = skip(c, n, job);
  }
  let all = added(total, added(chunk, block));
  return Sums(fold(all.first), fold(all.second));
}

fn totals(start: Cursor, job: Job, k: Known) -> Sums {
  return combinedSums(own(start, job, k), job);
}
