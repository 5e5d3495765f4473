// This file sums over an invocation's share in registers.
// Expects: loop/cursor, loop/registers, reduce/state, reduce/statistic/*, vector/*.
fn sumShare(start: Cursor, job: Job, pivot: PerGroup, scale: PerGroup) -> Sums {
  var total = Summands();
  for (var i = 0u; i < REGISTER_VECTORS; i++) {
    if (isOwn(i, start)) {
      total = addSummands(total, summandsOf(registers[i], pivot, scale));
    }
  }
  return sumsOf(total);
}
