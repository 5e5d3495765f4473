// This file sums over an invocation's share in registers, each element times its weight. The sum of
// weights is that of the pivot, unless the statistic has none.
// Expects: loop/cursor, mask/registers, mask/rules, mask/weigh, reduce/state, reduce/statistic/*,
//   reduce/team/*, vector/*.
override PIVOT_COUNTS = false;

var<private> weightOfShare: Vec;

fn sumShare(start: Cursor, job: Job, pivot: PerGroup, scale: PerGroup) -> Sums {
  var total = Summands();
  weightOfShare = Vec(0.0);
  for (var i = 0u; i < REGISTER_VECTORS; i++) {
    if (isOwn(i, start)) {
      let w = weightRegisters[i];
      total = addSummands(total, weighed(summandsOf(registers[i], pivot, scale), w));
      weightOfShare += w;
    }
  }
  return sumsOf(total);
}

fn elementCount(job: Job) -> PerGroup {
  if (!PIVOT_COUNTS) {
    let own = Sums(sumPerGroup(weightOfShare), PerGroup(0.0));
    groupWeight = Vec(combineSums(own, job, false).first);
  }
  return countOfGroup();
}
