// The activation is 1 / (1 + exp(-z)).
// Expects: epilogue/parameters/*, epilogue/sigmoid, vector/*.
fn activation(z: Vec, p: Parameters) -> Vec {
  return sigmoid(z);
}
