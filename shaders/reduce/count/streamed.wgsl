// The elements of a job count by their weights, which are read from memory and added in blocks, as
// reduce/accumulate/streamed.wgsl does. A job without valid elements counts as 1 here, so that its
// sums, which are all 0, give a mean and a variance of 0.
// Expects: loop/cursor, mask/weight/*, mask/rules, reduce/state, reduce/team/*, vector/*.
fn elementCount(job: Job) -> PerGroup {
  var block = Vec(0.0); // sum of 32 weights
  var chunk = Vec(0.0); // sum of 32 blocks
  var total = Vec(0.0);
  var vectors = 0u;
  for (var c = startCursor(job); c.left > 0u;) {
    let n = min(innerSteps(c), 32u - vectors % 32u);
    for (var i = 0u; i < n; i++) {
      block += maskAt(offsetsAt(c, i));
    }
    vectors += n;
    if (vectors % 32u == 0u) {
      chunk += block;
      block = Vec(0.0);
    }
    if (vectors % 1024u == 0u) {
      total += chunk;
      chunk = Vec(0.0);
    }
    c = advance(c, n, job);
  }
  let own = Sums(PerGroup(0.0), sumPerGroup(total + (chunk + block)));
  let weight = combineSums(own, job, false).second;
  groupWeight = Vec(weight);
  return select(weight, PerGroup(1.0), weight == PerGroup(0.0));
}
