// An output that this call does not have.
const has_port = false;

fn store_port(at: u32, value: Wide) {
}
