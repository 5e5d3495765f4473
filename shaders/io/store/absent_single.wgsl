// An output, written element by element, that this call does not have.
// Expects nothing.
const has_tensor = false;

fn store_tensor(at: u32, value: f32) {
}
