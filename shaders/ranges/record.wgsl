// A group's record has five words: keys of the least and the largest finite value, and the numbers of
// NaN, infinity and minus infinity. Keys have the order of values, with -0 below 0; that of the least
// value is turned around, so that the larger key is right for both. A key of 0 is that of no value.
// Expects nothing.
const WORDS = 5u;
const LEAST_KEY = 0u;
const LARGEST_KEY = 1u;
const NANS = 2u;
const INFINITIES = 3u;
const MINUS_INFINITIES = 4u;

@group(0) @binding(1) var<storage, read_write> records: array<atomic<u32>>;
