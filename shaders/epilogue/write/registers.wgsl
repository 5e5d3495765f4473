// This file writes y for an invocation's share. x is still in registers.
// Expects: epilogue/affine, loop/cursor, loop/outer/*, loop/registers, normalize/apply/*,
//   reduce/state, tensor sum, tensor y.
fn writeY(start: Cursor, job: Job, k: Normalizer) {
  if (!hasShare(start, job)) {
    return;
  }
  let steps = stepsOfTeam();
  var place = firstPlace(start);
  for (var i = 0u; i < REGISTER_VECTORS; i++) {
    if (isOwn(i, start)) {
      store_sum(place.at.sum, registers[i]);
      store_y(place.at.y, epilogue(applyNormalizer(registers[i], k), parametersAt(place.at)));
    }
    place = nextPlace(place, steps, job);
  }
}
