// The input of the reduction is the elements themselves.
// Expects: io/elements, loop/cursor, loop/operands, loop/uniforms, reduce/state,
//   reduce/statistic/*, vector/*.
fn summandsAt(at: Offsets, pivot: PerGroup, scale: PerGroup) -> Summands {
  return summandsOf(elementAt(at), pivot, scale);
}

fn elementCount(job: Job) -> PerGroup {
  return PerGroup(f32((endOfSlice(job) - job.slice * params.sliceVectors) * ELEMENTS_PER_GROUP));
}
