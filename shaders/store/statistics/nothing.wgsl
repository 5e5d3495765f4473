// Statistics are not stored.
// Expects: loop/cursor, reduce/state, vector/*.
fn storeStatistics(m: Moments, scale: PerGroup, k: Normalizer, job: Job) {
}
