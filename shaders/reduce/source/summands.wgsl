// What statistics are taken of: the elements.
// Expects: walk, source/elements, a stat/*, a statistic/*, moments.
fn weigh(at: Place, pivot: Stat) -> Terms {
  return termsOf(value(at), pivot);
}

fn countOf(c: Cursor, job: Job) -> f32 {
  return f32(c.left * PER_PACK);
}
