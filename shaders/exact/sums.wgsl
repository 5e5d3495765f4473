// The sums of integers and of their squares are exact: 64 bits each, modulo 2^64, which no group
// reaches. A team adds them digit by digit as f32, with 16 bits a digit: 256 members make less than
// 2^24, so every sum is exact in any order, and all files of reduce/team/* are right for it.
// Expects: exact/source/*, exact/store/*, loop/cursor, reduce/state, reduce/team/*, vector/*.
struct Wide {
  low: PerGroupBits,
  high: PerGroupBits,
}

struct ExactSums {
  first: Wide, // of the integers
  second: Wide, // of their squares
}

fn addWide(a: Wide, b: Wide) -> Wide {
  let low = a.low + b.low;
  let carry = select(PerGroupBits(0u), PerGroupBits(1u), low < b.low);
  return Wide(low, a.high + b.high + carry);
}

// A number of 16 bits more than a word begins at bit 16.
fn shifted(bits: PerGroupBits) -> Wide {
  return Wide(bits << PerGroupBits(16u), bits >> PerGroupBits(16u));
}

fn digitsOf(bits: PerGroupBits) -> Sums {
  return Sums(PerGroup(bits & PerGroupBits(0xffffu)), PerGroup(bits >> PerGroupBits(16u)));
}

fn combineWide(own: Wide, job: Job) -> Wide {
  let low = combineSums(digitsOf(own.low), job, false);
  let high = combineSums(digitsOf(own.high), job, false);
  let lower = addWide(Wide(PerGroupBits(low.first), PerGroupBits(0u)), shifted(PerGroupBits(low.second)));
  let upper = PerGroupBits(high.first) + (PerGroupBits(high.second) << PerGroupBits(16u));
  return Wide(lower.low, lower.high + upper);
}

fn normalizerOfJob(start: Cursor, job: Job) -> Normalizer {
  let own = sumsOfShare(start, job);
  let sums = ExactSums(combineWide(own.first, job), combineWide(own.second, job));
  if (job.live && job.rank == 0u) {
    storeExact(sums, job);
  }
  return Normalizer();
}
