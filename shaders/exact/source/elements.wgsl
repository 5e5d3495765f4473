// The sums are those of elements. So many additions of 16 bits, in four lanes, stay below 2^32.
// Expects: exact/lanes/*, exact/sums, io/elements, loop/cursor, vector/*.
override LEAST = 0.0; // minus the least element that there can be

const BLOCK = 16384u; // vectors

fn sumsOfShare(start: Cursor, job: Job) -> ExactSums {
  var all = ExactSums();
  for (var c = start; c.left > 0u;) {
    let n = min(innerSteps(c), BLOCK);
    var values = VecBits(0u);
    var low = VecBits(0u);
    var high = VecBits(0u);
    for (var i = 0u; i < n; i++) {
      let value = VecBits(elementAt(offsetsAt(c, i)) + Vec(LEAST));
      let square = value * value;
      values += value;
      low += square & VecBits(0xffffu);
      high += square >> VecBits(16u);
    }
    all.first = addWide(all.first, Wide(sumBitsPerGroup(values), PerGroupBits(0u)));
    all.second = addWide(all.second, Wide(sumBitsPerGroup(low), PerGroupBits(0u)));
    all.second = addWide(all.second, shifted(sumBitsPerGroup(high)));
    c = advance(c, n, job);
  }
  return all;
}
