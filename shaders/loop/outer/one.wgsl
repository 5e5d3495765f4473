// A group is a single run.
// Expects: walk.
fn segmentOf(pack: u32) -> u32 {
  return 0u;
}

fn segmentAt(job: Job, segment: u32) -> Place {
  return job.origin;
}

// Goes n steps.
fn skip(cursor: Cursor, n: u32, job: Job) -> Cursor {
  var c = cursor;
  c.left -= n;
  c.within += n * params.teamRest;
  return c;
}
