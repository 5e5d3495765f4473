// What is reduced: the elements of x.
// Expects: params, walk, an io/*, a pack/*, a stat/*, moments.
fn xAt(c: Cursor) -> u32 {
  return c.at.x + c.within * params.run.x;
}

fn value(c: Cursor) -> Wide {
  return widen(loadX(xAt(c)));
}

fn weigh(c: Cursor, pivot: Stat) -> Terms {
  let t = value(c) - pivot;
  return Terms(t, t * t);
}

fn countOf(c: Cursor, job: Job) -> f32 {
  return f32(c.left * PER_PACK);
}
