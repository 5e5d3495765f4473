// An element's summands count as often as its weight says. Those of a masked element are selected
// away, since a product would keep NaN. The larger of two magnitudes does not depend on weights.
// Expects: reduce/state, reduce/statistic/*, vector/*.
fn weighed(s: Summands, w: Vec) -> Summands {
  let masked = w == Vec(0.0);
  let first = select(s.first * w, s.first, FIRST_IS_LARGEST);
  return Summands(select(first, Vec(0.0), masked), select(s.second * w, Vec(0.0), masked));
}
