//! Where a value stands, and what is wrong so far.

use switchboard_domain::plan::{PlanProblem, Pointer, ProblemKind};

use crate::syntax::unreadable;
use crate::tree::Tree;

/// Problems that are told of one document. Whoever has more of them learns nothing from the rest.
const MOST_PROBLEMS: usize = 100;

/// A value and its place in the document.
pub(crate) struct Place<'t> {
    pub(crate) tree: &'t Tree,
    pub(crate) at: Pointer,
}

/// Proof that a problem was noted: only [`Reading::refuse`] makes one.
#[derive(Debug)]
pub(crate) struct Refused(());

/// A value, or the proof that the reason is noted.
pub(crate) type Read<T> = Result<T, Refused>;

/// Everything that is wrong so far.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    problems: Vec<PlanProblem>,
    untold: usize,
}

impl Reading {
    /// Notes what is wrong at a place.
    pub(super) fn refuse(&mut self, at: &Pointer, what: impl Into<String>) -> Refused {
        if self.problems.len() < MOST_PROBLEMS {
            let kind = ProblemKind::Unreadable(what.into());
            self.problems.push(PlanProblem { at: at.clone(), kind });
        } else {
            self.untold += 1;
        }
        Refused(())
    }

    /// Notes that something else was expected.
    pub(super) fn expected(&mut self, place: &Place<'_>, what: &str) -> Refused {
        self.refuse(&place.at, format!("must be {what}, not {}", place.tree.kind()))
    }

    /// Notes what is wrong with a line of a document that is no tree.
    pub(crate) fn note_line(&mut self, line: usize, what: &str) {
        self.refuse(&Pointer::root(), format!("line {line}: {what}"));
    }

    /// The value, if nothing was noted.
    pub(crate) fn finish<T>(self, value: T) -> Result<T, Vec<PlanProblem>> {
        if self.problems.is_empty() { Ok(value) } else { Err(self.told()) }
    }

    /// Everything that was noted.
    pub(crate) fn refused(self, _proof: Refused) -> Vec<PlanProblem> {
        self.told()
    }

    fn told(mut self) -> Vec<PlanProblem> {
        if self.untold > 0 {
            self.problems.push(unreadable(format!("has {} more problems", self.untold)));
        }
        self.problems
    }
}

/// Reads every entry of a list, also behind one that cannot be read.
pub(crate) fn list<T>(
    place: &Place<'_>,
    reading: &mut Reading,
    read: impl Fn(&Place<'_>, &mut Reading) -> Read<T>,
) -> Read<Vec<T>> {
    let Tree::List(items) = place.tree else {
        return Err(reading.expected(place, "a list"));
    };
    let mut values = Ok(Vec::with_capacity(items.len()));
    for (index, tree) in items.iter().enumerate() {
        let item = read(&Place { tree, at: place.at.at(index) }, reading);
        match (&mut values, item) {
            (Ok(values), Ok(value)) => values.push(value),
            (_, Err(refused)) => values = Err(refused),
            (Err(_), Ok(_)) => {}
        }
    }
    values
}
