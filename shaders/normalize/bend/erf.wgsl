// The bend is the error function of t: its series near 0, elsewhere 1 - erfc(|t|) with t's sign.
// Expects: normalize/erfc, vector/*.
fn bend(t: Vec) -> Vec {
  let a = abs(t);
  let q = t * t;
  var s = q / 9360.0 - 1.0 / 1320.0;
  s = s * q + 1.0 / 216.0;
  s = s * q - 1.0 / 42.0;
  s = s * q + 0.1;
  s = s * q - 1.0 / 3.0;
  let near = 1.1283791670955126 * t * (s * q + 1.0);
  let far = sign(t) * (1.0 - erfc(min(a, Vec(9.0))));
  return nanOr(t, select(far, near, a < Vec(0.5)));
}

fn bendSlope(t: Vec) -> Vec {
  let a = min(abs(t), Vec(9.3)); // outside, the slope is 0 in f32
  return nanOr(t, 1.1283791670955126 * exp(-a * a));
}
