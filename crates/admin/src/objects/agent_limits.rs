//! The limits of an agent as JSON.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use switchboard_domain::plan::HoursDocument;
use switchboard_domain::ports::AgentLimits;
use utoipa::ToSchema;

/// The limits of an agent in routing plans.
// An agent of a list has none of the fields, so one that is left out is not read as `null`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = AgentLimits)]
pub struct LimitsObject {
    /// The maximum number of concurrent calls; `null` for no limit.
    #[serde(deserialize_with = "Option::deserialize")]
    pub capacity: Option<u32>,
    /// The agent's hours, a schedule as in routing plans; `null` for always.
    #[serde(deserialize_with = "Option::deserialize")]
    pub hours: Option<Value>,
    /// The health check of its voice server.
    #[serde(deserialize_with = "Option::deserialize")]
    pub health_url: Option<String>,
}

impl LimitsObject {
    /// Renders limits.
    pub fn of(limits: &AgentLimits) -> Self {
        // Hours that can no longer be read are shown as text.
        let document = |text: &HoursDocument| {
            serde_json::from_str(text).unwrap_or_else(|_unreadable| Value::String(text.to_string()))
        };
        Self {
            capacity: limits.capacity,
            hours: limits.hours.as_ref().map(document),
            health_url: limits.health_url.as_ref().map(|url| url.as_str().to_owned()),
        }
    }
}
