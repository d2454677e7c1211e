//! What records refer to: agents, plans and addresses.

use std::fmt;

use serde::Serialize;
use switchboard_domain::address::Address;
use switchboard_domain::agent::{Label, Profile};
use switchboard_domain::call::RuleRef;
use switchboard_domain::identifier::AgentId;

/// An agent that a record names. One that was removed has no name.
#[derive(Clone, Debug, Serialize)]
pub(in crate::command_line) struct AgentRefView {
    id: String,
    external_id: Option<String>,
    name: Option<String>,
}

impl AgentRefView {
    pub(in crate::command_line) fn of(id: &AgentId, profile: Option<&Profile>) -> Self {
        let text = |label: &Label| label.as_str().to_owned();
        Self {
            id: id.to_string(),
            external_id: profile.and_then(|profile| profile.external_id.as_ref()).map(text),
            name: profile.map(|profile| text(&profile.name)),
        }
    }

    /// The id.
    pub(in crate::command_line) fn id(&self) -> &str {
        &self.id
    }

    /// The name, or the id of an agent that was removed.
    pub(in crate::command_line) fn short(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }
}

impl fmt::Display for AgentRefView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "agent {name} ({})", self.id),
            None => write!(f, "agent {} (removed)", self.id),
        }
    }
}

/// The version of a routing plan that decided. One that was removed has no name.
#[derive(Clone, Debug, Serialize)]
pub(in crate::command_line) struct PlanRefView {
    id: String,
    name: Option<String>,
    version: u32,
}

impl PlanRefView {
    pub(in crate::command_line) fn of(rule: &RuleRef, name: Option<String>) -> Self {
        Self { id: rule.plan.to_string(), name, version: rule.version }
    }
}

impl fmt::Display for PlanRefView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.as_deref().unwrap_or("(removed)");
        write!(f, "routing plan {name} ({}), version {}", self.id, self.version)
    }
}

/// The rule of a plan, by its place from zero, or `otherwise`.
#[derive(Clone, Debug, Serialize)]
pub(in crate::command_line) struct RuleRefView {
    index: Option<u32>,
    otherwise: bool,
}

impl RuleRefView {
    pub(in crate::command_line) const fn of(rule: &RuleRef) -> Self {
        Self { index: rule.rule, otherwise: rule.rule.is_none() }
    }
}

impl fmt::Display for RuleRefView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.index {
            Some(index) => write!(f, "rule {}", u64::from(index) + 1),
            None => f.write_str("otherwise"),
        }
    }
}

/// An address as Twilio writes it, or masked except for its last two characters.
pub(in crate::command_line) fn address(address: &Address, reveal: bool) -> String {
    match address {
        Address::Withheld => "anonymous".to_owned(),
        Address::Erased => "erased".to_owned(),
        address if reveal => address.to_text(),
        address => address.masked(),
    }
}

/// A side of a conversation, as it is stored.
pub(in crate::command_line) fn side(text: &str, reveal: bool) -> String {
    Address::parse_stored(text).map_or_else(|_foreign| String::new(), |side| address(&side, reveal))
}
