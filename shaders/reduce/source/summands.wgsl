// The input of the reduction is the elements themselves.
// Expects: io/elements, loop/cursor, loop/operands, reduce/state, reduce/statistic/*, vector/*.
fn summandsAt(at: Offsets, pivot: PerGroup, scale: PerGroup) -> Summands {
  return summandsOf(elementAt(at), pivot, scale);
}

fn elementCount(c: Cursor, job: Job) -> f32 {
  return f32(c.left * ELEMENTS_PER_GROUP);
}
