// This file sums over an invocation's share, which it reads from memory, and adds up the weights of
// its elements, both in blocks as reduce/share/streamed.wgsl does.
// Expects: loop/cursor, loop/operands, mask/rules, mask/weight/*, reduce/source/*, reduce/state,
//   reduce/statistic/*, reduce/team/*, vector/*.
const CHAIN = 32u;

struct Share {
  sums: Summands,
  weight: PerGroup, // a scalar in rows: software adapters blend what a loop carries in each turn
}

var<private> weightOfShare: PerGroup;

fn shareAt(at: Offsets, pivot: PerGroup, scale: PerGroup) -> Share {
  let w = maskAt(at);
  return Share(summandsOfWeight(at, w, pivot, scale), sumPerGroup(w));
}

fn addShares(a: Share, b: Share) -> Share {
  return Share(addSummands(a.sums, b.sums), a.weight + b.weight);
}

fn sumShare(start: Cursor, job: Job, pivot: PerGroup, scale: PerGroup) -> Sums {
  var c = start;
  var block = Share(); // sum of 32 vectors
  var chunk = Share(); // sum of 32 blocks
  var total = Share();
  var vectors = 0u;
  while (c.left > 0u) {
    let n = min(innerSteps(c), CHAIN - vectors % CHAIN);
    var i = 0u;
    if (BY_FOUR) {
      for (; i + 4u <= n; i += 4u) {
        let a = shareAt(offsetsAt(c, i), pivot, scale);
        let b = shareAt(offsetsAt(c, i + 1u), pivot, scale);
        let d = shareAt(offsetsAt(c, i + 2u), pivot, scale);
        let e = shareAt(offsetsAt(c, i + 3u), pivot, scale);
        block = addShares(block, addShares(addShares(a, b), addShares(d, e)));
      }
    }
    for (; i < n; i++) {
      block = addShares(block, shareAt(offsetsAt(c, i), pivot, scale));
    }
    if (SHORT) {
      break;
    }
    vectors += n;
    if (vectors % CHAIN == 0u) {
      chunk = addShares(chunk, block);
      block = Share();
    }
    if (vectors % (CHAIN * CHAIN) == 0u) {
      total = addShares(total, chunk);
      chunk = Share();
    }
    c = advance(c, n, job);
  }
  let all = addShares(total, addShares(chunk, block));
  weightOfShare = all.weight;
  return sumsOf(all.sums);
}

fn elementCount(job: Job) -> PerGroup {
  groupWeight = Vec(combineSums(Sums(weightOfShare, PerGroup(0.0)), job, false).first);
  return countOfGroup();
}
