// All elements count as their mask says.
// Expects: loop/operands, vector/*.
fn counted(weight: Vec, at: Offsets) -> Vec {
  return weight;
}
