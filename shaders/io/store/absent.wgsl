// An output that this call does not have.
// Expects: vector/*.
const has_tensor = false;

fn store_tensor(at: u32, value: Vec) {
}
