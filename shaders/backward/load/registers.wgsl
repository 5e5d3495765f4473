// This file loads what the dx sums need, x and dy, into registers, where dy becomes the gradient at
// the normalized x, then dx. Loads are under way while x is measured: after the barriers of that
// they would be waited for.
// Expects: backward/dy/*, loop/cursor, loop/outer/*, loop/registers, vector/*.
// Given statistics leave x outside of registers; this pass then loads it.
override LOAD_REGISTERS = false;

var<private> gradientRegisters: array<Vec, 16>;

fn loadForSums(start: Cursor, job: Job) {
  let steps = stepsOfTeam();
  var place = firstPlace(start);
  for (var i = 0u; i < REGISTER_VECTORS; i++) {
    gradientRegisters[i] = gradientAt(place.at);
    place = nextPlace(place, steps, job);
  }
  if (LOAD_REGISTERS) {
    loadRegisters(start, job);
  }
}
