// Activation: z * min(max(z + 3, 0), 6) / 6 (Howard et al. 2019).
// Expects: parameters.
fn activated(z: Wide, p: Parameters) -> Wide {
  let gate = select(min(z + 3.0, Wide(6.0)), Wide(0.0), z < Wide(-3.0));
  return z * gate / 6.0;
}
