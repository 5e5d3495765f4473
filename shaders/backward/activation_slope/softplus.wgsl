// The slope is the sigmoid.
// Expects: epilogue/parameters/*, epilogue/sigmoid, vector/*.
fn activationSlope(z: Vec, p: Parameters) -> Vec {
  return sigmoid(z);
}
