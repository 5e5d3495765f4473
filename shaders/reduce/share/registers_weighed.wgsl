// This file sums over an invocation's share in registers, each element times its weight.
// Expects: loop/cursor, mask/registers, reduce/state, reduce/statistic/*, mask/weigh,
//   vector/*.
fn sumRegisters(start: Cursor, pivot: PerGroup, scale: PerGroup) -> Sums {
  var total = Summands();
  for (var i = 0u; i < REGISTER_VECTORS; i++) {
    if (isOwn(i, start)) {
      let own = summandsOf(registers[i], pivot, scale);
      total = addSummands(total, weighed(own, weightRegisters[i]));
    }
  }
  return sumsOf(total);
}
