// This file keeps an invocation's share in registers while it sums, so that x is read once.
// Expects: loop/cursor, loop/registers, reduce/state, reduce/statistic/*, vector/*.
fn loadShare(start: Cursor, job: Job) {
  loadRegisters(start, job);
}

fn sumShare(start: Cursor, job: Job, pivot: PerGroup, scale: PerGroup) -> Sums {
  var total = Summands();
  for (var i = 0u; i < REGISTER_VECTORS; i++) {
    if (i < start.left) {
      total = addSummands(total, summandsOf(registers[i], pivot, scale));
    }
  }
  return sumsOf(total);
}
