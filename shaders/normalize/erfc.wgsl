// Expects: vector/*.

// The complement of the error function is t exp(-a^2) p(t) for a >= 0, with t = 1 / (1 + a / 2). The
// polynomial p is fitted to a relative error of 9e-8.
fn erfc(a: Vec) -> Vec {
  let t = 1.0 / (1.0 + 0.5 * a);
  var p = -0.0123367044 * t + 0.00199181449;
  p = p * t + 0.155801282;
  p = p * t - 0.33621848;
  p = p * t + 0.170385336;
  p = p * t + 0.0214002662;
  p = p * t + 0.189437743;
  p = p * t + 0.245253571;
  p = p * t + 0.282192659;
  p = p * t + 0.282092428;
  return t * exp(max(-a * a, Vec(-87.0))) * p;
}
