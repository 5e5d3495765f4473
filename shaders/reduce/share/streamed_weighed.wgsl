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

fn keptShare(s: Share, keep: bool) -> Share {
  let sums = Summands(select(Vec(0.0), s.sums.first, keep), select(Vec(0.0), s.sums.second, keep));
  return Share(sums, select(PerGroup(0.0), s.weight, keep));
}

// The last vector stands for those that the share does not have, as in reduce/share/streamed.wgsl.
fn sharesOfFour(c: Cursor, i: u32, n: u32, pivot: PerGroup, scale: PerGroup) -> Share {
  let a = shareAt(offsetsAt(c, i), pivot, scale);
  let b = shareAt(offsetsAt(c, min(i + 1u, n - 1u)), pivot, scale);
  let d = shareAt(offsetsAt(c, min(i + 2u, n - 1u)), pivot, scale);
  let e = shareAt(offsetsAt(c, min(i + 3u, n - 1u)), pivot, scale);
  let left = addShares(a, keptShare(b, i + 1u < n));
  return addShares(left, addShares(keptShare(d, i + 2u < n), keptShare(e, i + 3u < n)));
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
    if (BY_FOUR) {
      for (var i = 0u; i < n; i += 4u) {
        block = addShares(block, sharesOfFour(c, i, n, pivot, scale));
      }
    } else {
      for (var i = 0u; i < n; i++) {
        block = addShares(block, shareAt(offsetsAt(c, i), pivot, scale));
      }
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
