// What is reduced: the elements of x.
// Expects: params, walk, an io/*, a pack/*, a stat/*, a statistic/*, moments.
fn value(at: u32) -> Wide {
  return widen(loadX(at));
}

fn weigh(at: u32, pivot: Stat) -> Terms {
  return termsOf(value(at), pivot);
}

fn countOf(c: Cursor, job: Job) -> f32 {
  return f32(c.left * PER_PACK);
}
