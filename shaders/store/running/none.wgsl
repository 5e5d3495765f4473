// There are no running statistics, or a pass of their own updates them.
// Expects nothing.
fn updateRunning(channel: u32, mean: f32, variance: f32) {
}
