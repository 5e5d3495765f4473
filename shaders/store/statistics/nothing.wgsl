// Where statistics go: nowhere.
// Expects: loop/cursor, reduce/state.
fn storeStatistics(m: Moments, k: Normalizer, job: Job) {
}
