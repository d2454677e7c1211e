//! What records refer to: agents, routing plans and addresses.

use std::fmt;

use serde::{Deserialize, Serialize};
use switchboard_domain::address::Address;
use switchboard_domain::agent::{Label, Profile};
use switchboard_domain::call::RuleRef;
use switchboard_domain::identifier::AgentId;
use utoipa::ToSchema;

use super::NumberDisplay;

/// An agent that a record names. One that was removed has no name.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = AgentRef)]
pub struct AgentRefObject {
    /// Its id.
    pub id: String,
    /// The id by which the platform itself knows it.
    #[schema(required)]
    pub external_id: Option<String>,
    /// Its name.
    #[schema(required)]
    pub name: Option<String>,
}

impl AgentRefObject {
    /// Renders a reference; `None` for an agent that was removed.
    pub fn of(id: &AgentId, profile: Option<&Profile>) -> Self {
        let text = |label: &Label| label.as_str().to_owned();
        Self {
            id: id.to_string(),
            external_id: profile.and_then(|profile| profile.external_id.as_ref()).map(text),
            name: profile.map(|profile| text(&profile.name)),
        }
    }

    /// The name, or the id of an agent that was removed.
    pub fn short(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }
}

/// For people.
impl fmt::Display for AgentRefObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "agent {name} ({})", self.id),
            None => write!(f, "agent {} (removed)", self.id),
        }
    }
}

/// The version of a routing plan that decided. One that was removed has no name.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = PlanRef)]
pub struct PlanRefObject {
    /// Its id.
    pub id: String,
    /// Its name.
    #[schema(required)]
    pub name: Option<String>,
    /// Its version.
    pub version: u32,
}

impl PlanRefObject {
    /// Renders the plan of a rule.
    pub fn of(rule: &RuleRef, name: Option<String>) -> Self {
        Self { id: rule.plan.to_string(), name, version: rule.version }
    }
}

/// For people.
impl fmt::Display for PlanRefObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.as_deref().unwrap_or("(removed)");
        write!(f, "routing plan {name} ({}), version {}", self.id, self.version)
    }
}

/// The rule of a plan, by its place from zero, or `otherwise`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = RuleRef)]
pub struct RuleRefObject {
    /// Its place from zero; `null` for `otherwise`.
    #[schema(required)]
    pub index: Option<u32>,
    /// Whether no rule matched.
    pub otherwise: bool,
}

impl RuleRefObject {
    /// Renders a rule.
    pub const fn of(rule: &RuleRef) -> Self {
        Self { index: rule.rule, otherwise: rule.rule.is_none() }
    }
}

/// For people.
impl fmt::Display for RuleRefObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.index {
            Some(index) => write!(f, "rule {}", u64::from(index) + 1),
            None => f.write_str("otherwise"),
        }
    }
}

/// An address for people and programs.
pub fn address(address: &Address, phone_numbers: NumberDisplay) -> String {
    match address {
        Address::Withheld => "anonymous".to_owned(),
        Address::Erased => "erased".to_owned(),
        Address::Phone(_)
        | Address::WhatsApp(_)
        | Address::WhatsAppUser(_)
        | Address::RcsPhone(_)
        | Address::RcsSender(_)
        | Address::Messenger(_)
        | Address::Client(_)
        | Address::Sip(_)
        | Address::ShortCode(_)
        | Address::Alphanumeric(_)
        | Address::Raw(_) => match phone_numbers {
            NumberDisplay::Masked => address.masked(),
            NumberDisplay::Revealed => address.to_text(),
        },
    }
}

/// A side of a conversation, as it is stored.
pub fn side(text: &str, phone_numbers: NumberDisplay) -> String {
    Address::parse_stored(text)
        .map_or_else(|_foreign| String::new(), |side| address(&side, phone_numbers))
}
