//! What is wrong with a plan, and where.

use std::fmt;

use crate::agent::Label;

/// A place in a plan's document, as a JSON pointer (RFC 6901).
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pointer(String);

impl Pointer {
    /// The whole document.
    pub const fn root() -> Self {
        Self(String::new())
    }

    /// The place of that name or index within this one.
    #[must_use]
    pub fn at(&self, token: impl fmt::Display) -> Self {
        let token = token.to_string().replace('~', "~0").replace('/', "~1");
        Self(format!("{}/{token}", self.0))
    }

    /// As RFC 6901 writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Something that is wrong with a plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {kind}", if at.as_str().is_empty() { "the document" } else { at.as_str() })]
pub struct PlanProblem {
    /// Where.
    pub at: Pointer,
    /// What is wrong.
    pub kind: ProblemKind,
}

/// What is wrong with a plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProblemKind {
    /// A value does not fit its grammar.
    #[error("{0}")]
    Unreadable(String),
    /// More than the limit.
    #[error("has more than {most} {what}; split the plan")]
    TooMany {
        /// The limit.
        most: usize,
        /// What is counted.
        what: &'static str,
    },
    /// No agent of the organization is called so.
    #[error("no agent of the organization has the id, external id or name {:?}", word.as_str())]
    AgentUnknown {
        /// What it was called.
        word: Label,
    },
    /// Several agents are called so.
    #[error("several agents are called {:?}; name one by its id or external id", word.as_str())]
    AgentAmbiguous {
        /// What they were called.
        word: Label,
    },
    /// The agent is there twice.
    #[error("names the same agent as an earlier entry; give it one weight")]
    AgentRepeated,
    /// No calendar of the organization is called so.
    #[error("no calendar of the organization is named {:?}", name.as_str())]
    CalendarUnknown {
        /// Its name.
        name: Label,
    },
    /// No list of the organization is called so.
    #[error("no list of the organization is named {:?}", name.as_str())]
    ListUnknown {
        /// Its name.
        name: Label,
    },
    /// A schedule without a zone in a plan without one.
    #[error(
        "has no time zone, and the plan has none either; write for example \"time_zone\": \"America/New_York\""
    )]
    NoZone,
    /// All weights are zero.
    #[error("all weights are 0, so nobody is ever chosen; give an agent a weight of 1 or more")]
    NoWeight,
    /// Neither an agent nor an action.
    #[error("says neither which agents take it nor what happens; name agents or an action")]
    NothingToDo,
    /// The conditions can never hold together.
    #[error("can never match: {0}")]
    Contradiction(&'static str),
    /// An earlier rule matches whatever this one does.
    #[error("is never reached: rule {} matches everything that it matches; move it up, or remove it", earlier + 1)]
    Unreachable {
        /// The earlier rule, from zero.
        earlier: usize,
    },
    /// Two windows are open at the same time.
    #[error("is open at the same time as window {} of this schedule; join the two", earlier + 1)]
    Overlap {
        /// The earlier window, from zero.
        earlier: usize,
    },
    /// What cannot be followed by anything is followed by something.
    #[error("is never reached: the action before it ends the call")]
    AfterTheEnd,
    /// Asking somebody to choose among nobody.
    #[error("asks for a choice, but names fewer than two agents to choose among")]
    NothingToChoose,
}

#[cfg(test)]
mod tests {
    use super::{PlanProblem, Pointer, ProblemKind};

    #[test]
    fn a_pointer_escapes_what_json_pointers_escape() {
        let pointer = Pointer::root().at("rules").at(3).at("a/b~c");
        assert_eq!(pointer.as_str(), "/rules/3/a~1b~0c");
        let problem =
            PlanProblem { at: Pointer::root().at("rules").at(0), kind: ProblemKind::NoWeight };
        assert!(problem.to_string().starts_with("/rules/0: all weights are 0"));
    }
}
