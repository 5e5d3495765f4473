// This file adds the records of teams, as kernels/backward_rows.wgsl stores them. It adds in
// blocks, as reduce/share/streamed.wgsl does.
// Expects: loop/cursor, loop/uniforms, reduce/state, reduce/team/*.
@group(0) @binding(1) var<storage, read> records: array<vec4f>;

// The distance from one record to the next is that of two arrays.
fn recordAt(c: Cursor, steps: u32) -> Sums {
  let at = offsetsAt(c, steps).partials;
  return Sums(records[at], records[at + params.inner.partials / 2u]);
}

fn addSums(a: Sums, b: Sums) -> Sums {
  return Sums(a.first + b.first, a.second + b.second);
}

fn sumOverJob(start: Cursor, job: Job, k: Normalizer) -> Sums {
  var total = Sums();
  var block = Sums(); // sum of 32 records
  for (var i = 0u; i < start.left; i++) {
    block = addSums(block, recordAt(start, i));
    if (i % 32u == 31u) {
      total = addSums(total, block);
      block = Sums();
    }
  }
  return combineSums(addSums(total, block), job, false);
}
