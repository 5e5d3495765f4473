// A team of one: nothing to combine, no workgroup memory, no barrier (CPU adapters).
fn combined(m: Moments, job: Job) -> Moments {
  return m;
}
