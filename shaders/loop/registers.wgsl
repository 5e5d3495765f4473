// An invocation's share of what is normalized, in registers.
// Expects: walk, source/elements, a stat/*.
override HELD = 4u; // packs an invocation, at most 16

var<private> held: array<Wide, 16>;

fn hold(start: Cursor, job: Job) {
  var c = start;
  for (var i = 0u; i < HELD; i++) {
    if (c.left > 0u) {
      held[i] = value(placeAt(c, 0u));
      c = skip(c, 1u, job);
    }
  }
}
