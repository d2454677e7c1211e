//! A value with its position in the document, and the problems found so far.

use switchboard_domain::counted::counted;
use switchboard_domain::plan::{PlanProblem, Pointer, ProblemKind};

use crate::syntax::unreadable;
use crate::tree::Tree;

/// Problems reported for one document; the rest are only counted.
const MAX_PROBLEMS: usize = 100;

/// A value and its position in the document.
pub(crate) struct Node<'t> {
    pub(crate) tree: &'t Tree,
    pub(crate) at: Pointer,
}

/// Proof that a problem was reported: only [`Problems::report`] creates one.
#[derive(Debug)]
pub(crate) struct Reported(());

/// A value, or the proof that the problem with it was reported.
pub(crate) type Read<T> = Result<T, Reported>;

/// The problems found so far.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    reported: Vec<PlanProblem>,
    more: usize,
}

impl Problems {
    /// Reports a problem with the value at a pointer.
    pub(crate) fn report(&mut self, at: &Pointer, what: impl Into<String>) -> Reported {
        if self.reported.len() < MAX_PROBLEMS {
            let kind = ProblemKind::Unreadable(what.into());
            self.reported.push(PlanProblem { at: at.clone(), kind });
        } else {
            self.more += 1;
        }
        Reported(())
    }

    /// Reports a value of another type than expected.
    pub(crate) fn expected(&mut self, node: &Node<'_>, what: &str) -> Reported {
        self.report(&node.at, format!("must be {what}, not {}", node.tree.kind()))
    }

    /// Reports a problem with a line of a document that has one entry per line. Lines count from 1.
    pub(crate) fn report_line(&mut self, line: usize, what: &str) {
        self.report(&Pointer::root(), format!("line {line}: {what}"));
    }

    /// The value, if there is no problem.
    pub(crate) fn finish<T>(self, value: T) -> Result<T, Vec<PlanProblem>> {
        if self.reported.is_empty() { Ok(value) } else { Err(self.all()) }
    }

    /// Every problem, once there is one.
    pub(crate) fn refused(self, _proof: Reported) -> Vec<PlanProblem> {
        self.all()
    }

    fn all(mut self) -> Vec<PlanProblem> {
        if self.more > 0 {
            self.reported.push(unreadable(format!("has {}", counted(self.more, "more problem"))));
        }
        self.reported
    }
}
