// This file keeps an invocation's share of the elements in registers.
// Expects: io/elements, loop/cursor, loop/outer/*, vector/*.
override REGISTER_VECTORS = 4u; // vectors per invocation, at most 16

var<private> registers: array<Vec, 16>;

fn loadRegisters(start: Cursor, job: Job) {
  var c = start;
  for (var i = 0u; i < REGISTER_VECTORS; i++) {
    if (c.left > 0u) {
      registers[i] = elementAt(offsetsAt(c, 0u));
      c = advance(c, 1u, job);
    }
  }
}
