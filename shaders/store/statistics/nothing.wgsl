// Where statistics go: nowhere.
fn storeStatistics(m: Moments, k: Normalizer, job: Job) {
}
