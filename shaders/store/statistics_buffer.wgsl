// All statistics arrays lie in this one buffer, with one value per group.
// Expects nothing.
@group(0) @binding(5) var<storage, read_write> statistics: array<f32>;
