//! Problems of a plan, each with a JSON pointer.

use std::fmt;

use crate::agent::Label;

/// The position of a value in a plan's document, as a JSON pointer (RFC 6901).
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pointer(String);

impl Pointer {
    /// The whole document.
    pub const fn root() -> Self {
        Self(String::new())
    }

    /// The pointer of a key or index of this value.
    #[must_use]
    pub fn at(&self, token: impl fmt::Display) -> Self {
        let token = token.to_string().replace('~', "~0").replace('/', "~1");
        Self(format!("{}/{token}", self.0))
    }

    /// The pointer of a key or index that is escaped already.
    pub(super) fn at_token(&self, token: &str) -> Self {
        Self(format!("{}/{token}", self.0))
    }

    /// The escaped keys and indexes that lead to the value.
    pub(super) fn tokens(&self) -> impl Iterator<Item = &str> {
        self.0.split('/').skip(1)
    }

    /// The keys and indexes that lead to the value.
    pub fn keys(&self) -> Vec<String> {
        self.tokens().map(|token| token.replace("~1", "/").replace("~0", "~")).collect()
    }

    /// The pointer of the object or list that has this value; `None` for the whole document.
    pub fn parent(&self) -> Option<Self> {
        self.0.rsplit_once('/').map(|(parent, _)| Self(parent.to_owned()))
    }

    /// Whether this is the other value, or a part of it.
    pub(super) fn is_within(&self, other: &Self) -> bool {
        self.0.strip_prefix(&other.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Whether this is a key of the document itself.
    pub(super) fn is_key_of_document(&self) -> bool {
        self.0.matches('/').count() == 1
    }

    /// The pointer as text; empty for the whole document.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A mistake in the document of a plan, with its place (a JSON Pointer, RFC 6901).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {kind}", if at.as_str().is_empty() { "the document" } else { at.as_str() })]
pub struct PlanProblem {
    /// The value that has the problem.
    pub at: Pointer,
    /// The problem.
    pub kind: ProblemKind,
}

/// What is wrong with a value of a document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProblemKind {
    /// A value does not match the grammar.
    #[error("{0}")]
    Unreadable(String),
    /// More than the limit.
    #[error("has more than {most} {what}; split the document")]
    TooMany {
        /// The maximum that a document may have.
        most: usize,
        /// What the limit counts, in the plural.
        what: &'static str,
    },
    /// The organization has no such agent.
    #[error("no agent of the organization has the id, external id or name {:?}", word.as_str())]
    AgentUnknown {
        /// The id, external id or name in the plan.
        word: Label,
    },
    /// Several agents have this name.
    #[error("several agents have the name {:?}; use an id or external id", word.as_str())]
    AgentAmbiguous {
        /// The name in the plan.
        word: Label,
    },
    /// The agent occurs twice in one list.
    #[error("repeats the agent of an earlier entry; use one entry with one weight")]
    AgentRepeated,
    /// The organization has no such calendar.
    #[error("no calendar of the organization is named {:?}", name.as_str())]
    CalendarUnknown {
        /// The name in the plan.
        name: Label,
    },
    /// The organization has no such list.
    #[error("no list of the organization is named {:?}", name.as_str())]
    ListUnknown {
        /// The name in the plan.
        name: Label,
    },
    /// The hours of the agent are not a valid document.
    #[error("the hours of agent {:?} cannot be read: {what}", word.as_str())]
    HoursUnreadable {
        /// The agent, as the plan names it.
        word: Label,
        /// The first problem of the hours.
        what: String,
    },
    /// A schedule without a zone in a plan without one.
    #[error("has no time zone; add one, for example \"time_zone\": \"America/New_York\"")]
    NoZone,
    /// All weights are zero.
    #[error("all weights are 0, so no agent is ever chosen; set a weight of 1 or more")]
    NoWeight,
    /// There is neither an agent nor an action.
    #[error("has neither agents nor actions; add one")]
    NothingToDo,
    /// The conditions can never hold together.
    #[error("can never match: {0}")]
    Contradiction(&'static str),
    /// An earlier rule matches everything that this rule matches.
    #[error("is never reached: rule {} matches everything that this rule matches; move this rule up or remove it", earlier + 1)]
    Unreachable {
        /// The index of the earlier rule.
        earlier: usize,
    },
    /// Two windows of a schedule overlap.
    #[error("overlaps window {} of this schedule; merge the two", earlier + 1)]
    Overlap {
        /// The index of the earlier window.
        earlier: usize,
    },
    /// An action follows one that ends the call.
    #[error("is never reached: the action before it ends the call")]
    AfterTheEnd,
    /// A decision service has fewer than two agents to choose from.
    #[error("uses a decision service, but has fewer than two agents to choose from")]
    NothingToChoose,
}

impl ProblemKind {
    /// Whether a rule with this problem cannot decide: it names what is not there, or a schedule has no clock. With any
    /// other problem, a rule of a saved plan decides as it did before.
    pub const fn disables_rule(&self) -> bool {
        matches!(
            self,
            Self::AgentUnknown { .. }
                | Self::AgentAmbiguous { .. }
                | Self::CalendarUnknown { .. }
                | Self::ListUnknown { .. }
                | Self::HoursUnreadable { .. }
                | Self::NoZone
                | Self::TooMany { .. }
        )
    }
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
