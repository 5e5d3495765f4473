// This file sums over an invocation's share, which it reads from memory each time. At most 32
// additions follow each other before the sum moves to a larger block, because the error of a sum
// grows with the length of its chain (2.9e-5 for 16,384 in a row, 1e-6 in blocks, at deviation 1).
// Expects: loop/cursor, reduce/source/*, reduce/state, reduce/statistic/*, vector/*.
const CHAIN = 32u;

fn sumShare(start: Cursor, job: Job, pivot: PerGroup, scale: PerGroup) -> Sums {
  var c = start;
  var block = Summands(); // sum of 32 vectors
  var chunk = Summands(); // sum of 32 blocks
  var total = Summands();
  var vectors = 0u;
  while (c.left > 0u) {
    let n = min(innerSteps(c), CHAIN - vectors % CHAIN);
    var i = 0u;
    if (BY_FOUR) {
      for (; i + 4u <= n; i += 4u) {
        let a = summandsAt(offsetsAt(c, i), pivot, scale);
        let b = summandsAt(offsetsAt(c, i + 1u), pivot, scale);
        let d = summandsAt(offsetsAt(c, i + 2u), pivot, scale);
        let e = summandsAt(offsetsAt(c, i + 3u), pivot, scale);
        block = addSummands(block, addSummands(addSummands(a, b), addSummands(d, e)));
      }
    }
    for (; i < n; i++) {
      block = addSummands(block, summandsAt(offsetsAt(c, i), pivot, scale));
    }
    if (SHORT) {
      break;
    }
    vectors += n;
    if (vectors % CHAIN == 0u) {
      chunk = addSummands(chunk, block);
      block = Summands();
    }
    if (vectors % (CHAIN * CHAIN) == 0u) {
      total = addSummands(total, chunk);
      chunk = Summands();
    }
    c = advance(c, n, job);
  }
  return sumsOf(addSummands(total, addSummands(chunk, block)));
}
