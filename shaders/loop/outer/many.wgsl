// A group is runs along any number of dimensions outside of the innermost.
// Expects: walk, locate.
fn segmentOf(pack: u32) -> u32 {
  return divide(pack, params.run);
}

fn segmentAt(job: Job, segment: u32) -> Place {
  return locate(job.origin, segment, SEGMENTS, params.segmentRank);
}

// Goes n steps, at most to the end of the run (teamRuns is 0 unless every step leaves the run).
fn skip(cursor: Cursor, n: u32, job: Job) -> Cursor {
  var c = cursor;
  c.left -= n;
  c.within += n * params.teamRest;
  c.segment += params.teamRuns;
  if (c.within >= params.run.size) {
    c.within -= params.run.size;
    c.segment++;
  }
  if (c.left > 0u) {
    c.at = segmentAt(job, c.segment);
  }
  return c;
}
