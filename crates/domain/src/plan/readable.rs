//! A document without the values that cannot be read, so that what it names is checked together with them.

use super::problem::{PlanProblem, Pointer, ProblemKind};

/// What could be read of a document with problems.
#[derive(Clone, Debug)]
pub struct Readable<T> {
    /// The document without the values that could not be read.
    pub value: T,
    /// The values that were left out, by their place in the document.
    pub left_out: Vec<Pointer>,
}

impl<T> Readable<T> {
    /// A problem of [`Self::value`] at its place in the whole document; `None` if a value that was left out may be the
    /// only cause.
    pub fn in_document(&self, problem: PlanProblem) -> Option<PlanProblem> {
        let at = self.pointer(&problem.at);
        let list = Pointer::parent(&problem.at).unwrap_or_default();
        let entry = |index: usize| self.entry(&self.pointer(&list), index);
        let kind = match problem.kind {
            ProblemKind::Overlap { earlier } => ProblemKind::Overlap { earlier: entry(earlier) },
            ProblemKind::Unreachable { earlier } => {
                let earlier = entry(earlier);
                let earlier_rule = self.pointer(&list).at(earlier);
                if self.has_doubtful_conditions(&at) || self.has_doubtful_conditions(&earlier_rule)
                {
                    return None;
                }
                ProblemKind::Unreachable { earlier }
            }
            kind => kind,
        };
        let is_doubtful = match &kind {
            ProblemKind::Contradiction(_) | ProblemKind::NothingToDo => self.leaves_out_within(&at),
            ProblemKind::NoWeight | ProblemKind::NothingToChoose => {
                at.parent().is_some_and(|then| self.leaves_out_within(&then))
            }
            ProblemKind::AfterTheEnd => {
                at.parent().is_some_and(|next| self.leaves_out_within(&next))
            }
            // The key of the zone may be misspelt, in the schedule or in the plan.
            ProblemKind::NoZone => {
                self.leaves_out_within(&at) || self.left_out.iter().any(Pointer::is_key_of_document)
            }
            _ => false,
        };
        (!is_doubtful).then_some(PlanProblem { at, kind })
    }

    /// The place in the document of a place in the value.
    fn pointer(&self, at: &Pointer) -> Pointer {
        at.tokens().fold(Pointer::root(), |at, token| match token.parse() {
            Ok(index) => at.at(self.entry(&at, index)),
            Err(_) => at.at_token(token),
        })
    }

    /// The index in the document of an entry of a list.
    fn entry(&self, list: &Pointer, index: usize) -> usize {
        let is_left_out = |place: &usize| self.left_out.contains(&list.at(place));
        (0..).filter(|place| !is_left_out(place)).nth(index).unwrap_or(index)
    }

    fn leaves_out_within(&self, at: &Pointer) -> bool {
        self.left_out.iter().any(|left_out| left_out.is_within(at))
    }

    /// Whether a value outside of the rule's destination was left out. It may be a condition with a misspelt key.
    fn has_doubtful_conditions(&self, rule: &Pointer) -> bool {
        let then = rule.at("then");
        let is_condition =
            |left_out: &&Pointer| left_out.is_within(rule) && !left_out.is_within(&then);
        self.left_out.iter().any(|left_out| is_condition(&left_out))
    }
}

#[cfg(test)]
mod tests {
    use super::Readable;
    use crate::plan::{PlanProblem, Pointer, ProblemKind};

    fn pointer(text: &str) -> Pointer {
        text.split('/').skip(1).fold(Pointer::root(), |at, token| at.at(token))
    }

    fn moved(left_out: &[&str], at: &str, kind: ProblemKind) -> Option<(String, ProblemKind)> {
        let left_out = left_out.iter().map(|at| pointer(at)).collect();
        let readable = Readable { value: (), left_out };
        let problem = readable.in_document(PlanProblem { at: pointer(at), kind })?;
        Some((problem.at.as_str().to_owned(), problem.kind))
    }

    #[test]
    fn entries_behind_those_left_out_keep_their_index() {
        let left_out = ["/rules/0", "/rules/2/then/agents/1"];
        let (at, _) =
            moved(&left_out, "/rules/1/then/agents/1", ProblemKind::AgentRepeated).unwrap();
        assert_eq!(at, "/rules/2/then/agents/2");
        let (at, kind) =
            moved(&left_out, "/rules/2", ProblemKind::Unreachable { earlier: 1 }).unwrap();
        assert_eq!((at.as_str(), kind), ("/rules/3", ProblemKind::Unreachable { earlier: 2 }));
    }

    #[test]
    fn a_problem_that_a_missing_value_may_cause_is_not_reported() {
        for (left_out, at, kind) in [
            ("/rules/0/when/whem", "/rules/0/when", ProblemKind::Contradiction("x")),
            ("/rules/0/wenn", "/rules/1", ProblemKind::Unreachable { earlier: 0 }),
            ("/otherwise/next/0", "/otherwise", ProblemKind::NothingToDo),
            ("/otherwise/agents/0", "/otherwise/agents", ProblemKind::NoWeight),
            ("/timezone", "/rules/0/when/schedule", ProblemKind::NoZone),
        ] {
            assert_eq!(moved(&[left_out], at, kind), None, "{left_out}");
        }
        let elsewhere = "/rules/7/then/agents/0";
        assert!(moved(&[elsewhere], "/rules/1", ProblemKind::Unreachable { earlier: 0 }).is_some());
        assert!(moved(&[elsewhere], "/otherwise", ProblemKind::NothingToDo).is_some());
    }
}
