// The dx sums read x and dy themselves, or are known.
// Expects: loop/cursor.
fn loadForSums(start: Cursor, job: Job) {
}
