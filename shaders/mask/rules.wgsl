// The sum of weights takes the place of the number of elements where the call has a mask. It stays
// beside the normalizer that it belongs to. Statistics of other data have none, and count as 1.
// Expects: vector/*.
override FILL = 0u; // what masked elements become: a number

const FILL_KEEPS = 1u; // themselves
const FILL_APPLIES = 2u; // what valid elements become

var<private> groupWeight = Vec(1.0);

// A group without valid elements counts as 1, so that its sums, which are all 0, give a mean and a
// variance of 0.
fn countOfGroup() -> PerGroup {
  return firstPerGroup(select(groupWeight, Vec(1.0), groupWeight == Vec(0.0)));
}
