// The input of the reduction is the elements themselves, each times its weight.
// Expects: io/elements, loop/operands, mask/weigh, reduce/state, reduce/statistic/*, vector/*.
fn summandsOfWeight(at: Offsets, w: Vec, pivot: PerGroup, scale: PerGroup) -> Summands {
  return weighed(summandsOf(elementAt(at), pivot, scale), w);
}
