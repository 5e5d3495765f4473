// The magnitude is the square. The norm is the root of the sum of magnitudes. Two scales suffice:
// they bring all numbers from 2^-149 to 2^128 to where squares are in range (Blue 1978).
// Expects: loop/uniforms, normalize/factor/*, reduce/state, vector/*.
fn magnitude(x: Vec) -> Vec {
  return x * x;
}

fn rootOf(sum: PerGroup) -> PerGroup {
  return sqrt(sum);
}

// Near a larger mean, deviations are 0 or their squares in range, while those of the scaled
// elements from a rounded mean might not be.
fn scaleOf(sum: PerGroup, mean: PerGroup) -> PerGroup {
  let small = (sum < PerGroup(LEAST_SUM)) & (abs(mean) < PerGroup(1e-8));
  let up = select(PerGroup(1.0), PerGroup(SCALE_UP), small & (PerGroup(params.eps) < PerGroup(SMALL_EPS)));
  return select(PerGroup(SCALE_DOWN), up, sum <= PerGroup(SCALE_UP));
}
