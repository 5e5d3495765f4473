// This file sums over an invocation's share, which it reads from memory each time. At most 32
// additions follow each other before the sum moves to a larger block, because the error of a sum
// grows with the length of its chain (2.9e-5 for 16,384 in a row, 1e-6 in blocks, at deviation 1).
// Expects: loop/cursor, reduce/source/*, reduce/state, reduce/statistic/*, vector/*.
const CHAIN = 32u;

// The last vector is read in the place of those that the share does not have, since a load in a
// branch would wait for the one before.
fn summandsOfFour(c: Cursor, i: u32, n: u32, pivot: PerGroup, scale: PerGroup) -> Summands {
  let a = summandsAt(offsetsAt(c, i), pivot, scale);
  let b = summandsAt(offsetsAt(c, min(i + 1u, n - 1u)), pivot, scale);
  let d = summandsAt(offsetsAt(c, min(i + 2u, n - 1u)), pivot, scale);
  let e = summandsAt(offsetsAt(c, min(i + 3u, n - 1u)), pivot, scale);
  let left = addSummands(a, keptSummands(b, i + 1u < n));
  return addSummands(left, addSummands(keptSummands(d, i + 2u < n), keptSummands(e, i + 3u < n)));
}

fn keptSummands(s: Summands, keep: bool) -> Summands {
  return Summands(select(Vec(0.0), s.first, keep), select(Vec(0.0), s.second, keep));
}

fn sumShare(start: Cursor, job: Job, pivot: PerGroup, scale: PerGroup) -> Sums {
  var c = start;
  var block = Summands(); // sum of 32 vectors
  var chunk = Summands(); // sum of 32 blocks
  var total = Summands();
  var vectors = 0u;
  while (c.left > 0u) {
    let n = min(innerSteps(c), CHAIN - vectors % CHAIN);
    if (BY_FOUR) {
      for (var i = 0u; i < n; i += 4u) {
        block = addSummands(block, summandsOfFour(c, i, n, pivot, scale));
      }
    } else {
      for (var i = 0u; i < n; i++) {
        block = addSummands(block, summandsAt(offsetsAt(c, i), pivot, scale));
      }
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
