// What is reduced: the elements of x.
// Expects: params, walk, an io/*, a pack/*, a stat/*, moments.
fn value(at: u32) -> Wide {
  return widen(loadX(at));
}

fn weigh(at: u32, pivot: Stat) -> Terms {
  let t = value(at) - pivot;
  return Terms(t, t * t);
}

fn countOf(c: Cursor, job: Job) -> f32 {
  return f32(c.left * PER_PACK);
}
