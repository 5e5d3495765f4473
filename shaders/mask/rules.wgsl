// The sum of weights takes the place of the number of elements where the call has a mask. It stays
// beside the normalizer that it belongs to. Statistics of other data have none, and count as 1.
// Expects: vector/*.
override FILL = 0u; // what masked elements become: a number

const FILL_KEEPS = 1u; // themselves
const FILL_APPLIES = 2u; // what valid elements become

var<private> groupWeight = Vec(1.0);
