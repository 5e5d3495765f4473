// This file measures an invocation's share and keeps it in registers, so that x is read once.
// Expects: loop/cursor, loop/registers, reduce/pivot/*, reduce/state, reduce/statistic/*, vector/*.
fn measureShare(start: Cursor, job: Job) -> Moments {
  let left = start.left;
  if (left == 0u) {
    return Moments();
  }
  loadRegisters(start, job);
  let pivot = choosePivot(start, job);
  return momentsFrom(pivot, sumShare(left, pivot), f32(left * ELEMENTS_PER_GROUP));
}

fn sumShare(left: u32, pivot: PerGroup) -> Sums {
  var total = Summands();
  for (var i = 0u; i < REGISTER_VECTORS; i++) {
    if (i < left) {
      total = addSummands(total, summandsOf(registers[i], pivot));
    }
  }
  return sumsOf(total);
}
