// Where statistics and sums go: planes of one buffer, one value a group.
// Expects nothing.
@group(0) @binding(5) var<storage, read_write> statistics: array<f32>;
