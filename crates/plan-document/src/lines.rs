//! Documents with one entry per line.

use std::fmt::Display;

use switchboard_domain::plan::PlanProblem;

use crate::problems::Problems;
use crate::syntax::without_byte_order_mark;

/// Reads each line that is not empty. Text after a `#` is a comment.
pub(crate) fn entries<T, E: Display>(
    document: &str,
    read: impl Fn(&str) -> Result<T, E>,
) -> Result<Vec<T>, Vec<PlanProblem>> {
    let mut problems = Problems::default();
    let mut found = Vec::new();
    for (index, line) in without_byte_order_mark(document).lines().enumerate() {
        let entry = line.split_once('#').map_or(line, |(entry, _comment)| entry).trim();
        if entry.is_empty() {
            continue;
        }
        match read(entry) {
            Ok(value) => found.push(value),
            Err(error) => problems.report_line(index + 1, &error.to_string()),
        }
    }
    problems.finish(found)
}
