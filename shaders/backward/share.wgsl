// This file adds the summands of backward/parameter_sums/* of an invocation's share, which it reads
// from memory. It adds in blocks, as reduce/share/streamed.wgsl does.
// Expects: backward/parameter_sums/*, epilogue/affine, epilogue/parameters/*, loop/cursor,
//   reduce/state, vector/*.
const SPAN = 32u;

fn addPairs(a: Summands, b: Summands) -> Summands {
  return Summands(a.first + b.first, a.second + b.second);
}

fn summandsAfter(c: Cursor, steps: u32, k: Normalizer, ofLoop: Parameters) -> Summands {
  let at = offsetsAt(c, steps);
  return gradientSummands(at, k, parametersWithin(ofLoop, at));
}

fn sumGradientShare(start: Cursor, job: Job, k: Normalizer) -> Sums {
  var c = start;
  var block = Summands(); // sum of 32 vectors
  var chunk = Summands(); // sum of 32 blocks
  var total = Summands();
  var vectors = 0u;
  while (c.left > 0u) {
    let n = min(innerSteps(c), SPAN - vectors % SPAN);
    let p = parametersOfLoop(offsetsAt(c, 0u));
    var i = 0u;
    if (BY_FOUR) {
      for (; i + 4u <= n; i += 4u) {
        let a = summandsAfter(c, i, k, p);
        let b = summandsAfter(c, i + 1u, k, p);
        let d = summandsAfter(c, i + 2u, k, p);
        let e = summandsAfter(c, i + 3u, k, p);
        block = addPairs(block, addPairs(addPairs(a, b), addPairs(d, e)));
      }
    }
    for (; i < n; i++) {
      block = addPairs(block, summandsAfter(c, i, k, p));
    }
    if (SHORT) {
      break;
    }
    vectors += n;
    if (vectors % SPAN == 0u) {
      chunk = addPairs(chunk, block);
      block = Summands();
    }
    if (vectors % (SPAN * SPAN) == 0u) {
      total = addPairs(total, chunk);
      chunk = Summands();
    }
    c = advance(c, n, job);
  }
  let all = addPairs(total, addPairs(chunk, block));
  return Sums(sumPerGroup(all.first), sumPerGroup(all.second));
}
