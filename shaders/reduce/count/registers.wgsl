// The elements of a job count by their weights, which are in registers. With the sum comes the
// largest valid element, around which the pivot is summed. A job without valid elements counts as
// 1, as in reduce/count/streamed.wgsl.
// Expects: loop/cursor, mask/registers, mask/rules, reduce/state, reduce/team/*,
//   vector/*.
var<private> validElement: PerGroup;

fn elementCount(job: Job) -> PerGroup {
  let start = startCursor(job);
  var most = Vec(-LARGEST);
  var total = Vec(0.0);
  for (var i = 0u; i < REGISTER_VECTORS; i++) {
    if (isOwn(i, start)) {
      let w = weightRegisters[i];
      most = select(most, max(most, registers[i]), w > Vec(0.0));
      total += w;
    }
  }
  let all = combineSums(Sums(maxPerGroup(most), sumPerGroup(total)), job, true);
  let none = all.second == PerGroup(0.0);
  groupWeight = Vec(all.second);
  validElement = select(all.first, PerGroup(0.0), none);
  return select(all.second, PerGroup(1.0), none);
}
