// This call does not have the output.
// Expects: vector/*.
const has_tensor = false;

fn store_tensor(at: u32, value: Vec) {
}
