// The input of the reduction is the elements themselves, each times its weight.
// Expects: io/elements, loop/operands, mask/weight/*, reduce/state, reduce/statistic/*,
//   mask/weigh, vector/*.
fn summandsAt(at: Offsets, pivot: PerGroup, scale: PerGroup) -> Summands {
  return weighed(summandsOf(elementAt(at), pivot, scale), maskAt(at));
}
