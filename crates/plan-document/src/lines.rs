//! Documents of one entry a line.

use switchboard_domain::plan::PlanProblem;

use crate::reading::Reading;
use crate::syntax::without_mark;

/// Reads each line that says something; what follows a `#` is a comment.
pub(crate) fn entries<T>(
    document: &str,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<Vec<T>, Vec<PlanProblem>> {
    let mut reading = Reading::default();
    let mut found = Vec::new();
    for (index, line) in without_mark(document).lines().enumerate() {
        let entry = line.split_once('#').map_or(line, |(entry, _comment)| entry).trim();
        if entry.is_empty() {
            continue;
        }
        match read(entry) {
            Ok(value) => found.push(value),
            Err(what) => reading.note_line(index + 1, &what),
        }
    }
    reading.finish(found)
}
