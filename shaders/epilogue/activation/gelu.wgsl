// The activation is GELU, z * P(Z < z) for a standard normal Z (Hendrycks & Gimpel 2016).
// Expects: epilogue/affine, vector/*.

// The tail is erfc(a) = t exp(-a^2) p(t) for a >= 0, with t = 1 / (1 + a / 2). The polynomial p is
// fitted to a relative error of 9e-8.
fn geluTail(a: Vec) -> Vec {
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

fn geluBelow(z: Vec) -> Vec {
  let upper = 0.5 * geluTail(min(abs(z), Vec(13.0)) * 0.70710678);
  return select(select(upper, 1.0 - upper, z > Vec(0.0)), Vec(0.0), z < Vec(-13.0));
}

fn activation(z: Vec, p: Parameters) -> Vec {
  return z * geluBelow(z);
}
