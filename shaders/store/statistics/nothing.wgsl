// Statistics are not stored.
// Expects: loop/cursor, reduce/state.
fn storeStatistics(m: Moments, k: Normalizer, job: Job) {
}
