//! What is wrong with the files, line by line.

use std::fmt;
use std::sync::Arc;

/// Most problems that are kept to be shown; of the others only the count is kept.
const MOST_SHOWN: usize = 50;

/// Something wrong in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, as the operator named it.
    pub file: Arc<str>,
    /// The line, counted from 1; none where it is about the file as a whole.
    pub line: Option<u64>,
    /// What is wrong. Never the value of a token or of a phone number.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, " line {line}")?;
        }
        write!(f, ": {}", self.what)
    }
}

/// All that is wrong: the first fifty problems and the count of all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    shown: Vec<Problem>,
    count: usize,
}

impl Problems {
    /// Adds a problem.
    pub fn push(&mut self, file: &Arc<str>, line: Option<u64>, what: impl Into<String>) {
        self.count += 1;
        if self.shown.len() < MOST_SHOWN {
            self.shown.push(Problem { file: Arc::clone(file), line, what: what.into() });
        }
    }

    /// The first fifty of them.
    pub fn shown(&self) -> &[Problem] {
        &self.shown
    }

    /// How many there are in all.
    pub const fn count(&self) -> usize {
        self.count
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.count == 1 { "mistake" } else { "mistakes" };
        write!(f, "{} {plural} in the files", self.count)?;
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
    use super::Problems;

    #[test]
    fn fifty_are_shown_and_all_are_counted() {
        let mut problems = Problems::default();
        for line in 1..=53 {
            problems.push(&"a.csv".into(), Some(line), "sid is empty");
        }
        let text = problems.to_string();
        assert!(text.starts_with("53 mistakes in the files\n  a.csv line 1: sid is empty\n"));
        assert!(text.ends_with("a.csv line 50: sid is empty\n  and 3 more"), "{text}");
    }

    #[test]
    fn one_problem_of_a_whole_file_has_no_line() {
        let mut problems = Problems::default();
        problems.push(&"a.csv".into(), None, "has no column sid");
        assert_eq!(problems.to_string(), "1 mistake in the files\n  a.csv: has no column sid");
    }
}
