//! The problems of an import, row by row.

use std::fmt;
use std::sync::Arc;

use switchboard_domain::counted::counted;
use switchboard_domain::ports::RowKey;

/// The maximum number of problems that are stored. Further ones are only counted.
const MAX_SHOWN: usize = 50;

/// A remark about a row or a table. It never contains a token or a whole phone number.
///
/// Errors become text here on purpose: a remark is one line of a report for people, and no code handles its cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The path of the file as the operator wrote it, or the name of the database table.
    pub table: Arc<str>,
    /// The row; `None` if the remark is about the whole table.
    pub row: Option<RowKey>,
    /// The columns, separated by commas, as the source names them. Empty if the text does not begin with a column.
    pub columns: String,
    /// The rest of a sentence that begins with the columns.
    pub what: String,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, row, columns, what } = self;
        f.write_str(table)?;
        match row {
            None => f.write_str(":")?,
            Some(RowKey::Line(line)) => write!(f, " line {line}:")?,
            Some(RowKey::Key(key)) if columns.is_empty() => write!(f, " {key}:")?,
            Some(RowKey::Key(key)) => return write!(f, " {key}, {columns}: {what}"),
        }
        if !columns.is_empty() {
            write!(f, " {columns}")?;
        }
        write!(f, " {what}")
    }
}

/// The problems of an import: the first fifty, and the number of all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    shown: Vec<Remark>,
    count: usize,
}

impl Problems {
    /// Adds a problem of a row.
    pub fn push(&mut self, problem: Remark) {
        self.count += 1;
        if self.shown.len() < MAX_SHOWN {
            self.shown.push(problem);
        }
    }

    /// Adds a problem of a file: of the line, or of the whole file.
    pub fn push_file(&mut self, file: &Arc<str>, line: Option<u64>, what: impl Into<String>) {
        let (table, row) = (Arc::clone(file), line.map(RowKey::Line));
        self.push(Remark { table, row, columns: String::new(), what: what.into() });
    }

    /// Sorts what is shown by table, in this order, and line.
    pub(super) fn sort(&mut self, tables: &[Arc<str>]) {
        self.shown.sort_by_key(|problem| {
            let line = match problem.row {
                Some(RowKey::Line(line)) => line,
                Some(RowKey::Key(_)) | None => 0,
            };
            (tables.iter().position(|table| *table == problem.table), line)
        });
    }

    /// The first fifty problems.
    pub fn shown(&self) -> &[Remark] {
        &self.shown
    }

    /// The number of all problems.
    pub const fn count(&self) -> usize {
        self.count
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&counted(self.count, "mistake"))?;
        for problem in &self.shown {
            write!(f, "\n  {problem}")?;
        }
        match self.count - self.shown.len() {
            0 => Ok(()),
            more => write!(f, "\n  and {more} more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use switchboard_domain::ports::RowKey;

    use super::{Problems, Remark};

    #[test]
    fn fifty_are_shown_and_all_are_counted() {
        let mut problems = Problems::default();
        for line in 1..=53 {
            problems.push_file(&"a.csv".into(), Some(line), "sid is empty");
        }
        let text = problems.to_string();
        assert!(text.starts_with("53 mistakes\n  a.csv line 1: sid is empty\n"));
        assert!(text.ends_with("a.csv line 50: sid is empty\n  and 3 more"), "{text}");
    }

    #[test]
    fn a_problem_of_a_whole_file_has_no_line() {
        let mut problems = Problems::default();
        problems.push_file(&"a.csv".into(), None, "has no column sid");
        assert_eq!(problems.to_string(), "1 mistake\n  a.csv: has no column sid");
    }

    #[test]
    fn a_database_row_is_named_by_its_key() {
        let remark = Remark {
            table: "TwilioPhoneNumber".into(),
            row: Some(RowKey::of_phone_number("+14155550142")),
            columns: "phoneNumber".to_owned(),
            what: "is empty".to_owned(),
        };
        assert_eq!(remark.to_string(), "TwilioPhoneNumber …42, phoneNumber: is empty");
    }
}
