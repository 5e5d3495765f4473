// This file sums over a segment of a job, whose elements it reads from memory.
// Expects: backward/sum/streamed, loop/cursor, loop/uniforms, reduce/state.
fn prepareSegments(start: Cursor, job: Job, k: Normalizer) {
}

fn sumOverSegment(first: u32, job: Job, k: Normalizer) -> Sums {
  return sumOverJob(cursorWithin(job, first, first + params.segmentVectors), job, k);
}

fn weighGradients(start: Cursor, job: Job) {
}
