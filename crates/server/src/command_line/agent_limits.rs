//! The options that say what an agent takes: calls at once, hours, and how its voice server is looked at.

use clap::Args;
use serde::Serialize;
use serde_json::Value;
use switchboard_application_management::Edit;
use switchboard_application_management::routing_plans::LimitChange;
use switchboard_domain::ports::AgentLimits;
use switchboard_domain::web_address::WebUrl;

use super::input::parse_given;
use super::output::Format;
use super::route::document;
use super::view::NONE;
use crate::failure::Failure;
use crate::wiring::PlanDocuments;

/// What an agent takes, where a routing plan chooses.
#[derive(Debug, Args)]
pub(super) struct Limits {
    /// Take so many calls at once where a routing plan chooses
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    capacity: Option<u32>,
    /// Take any number of calls at once
    #[arg(long, conflicts_with = "capacity")]
    no_capacity: bool,
    /// File with its hours, a schedule as plans have it; - is standard input
    #[arg(long, value_name = "FILE")]
    hours_file: Option<String>,
    /// Work at all hours
    #[arg(long, conflicts_with = "hours_file")]
    no_hours: bool,
    /// Where its voice server says whether it is well
    #[arg(long, value_name = "URL")]
    health_url: Option<String>,
    /// Look at its voice server by a connection only
    #[arg(long, conflicts_with = "health_url")]
    no_health_url: bool,
}

impl Limits {
    /// What is to change.
    pub(super) fn parse(&self, format: Format) -> Result<LimitChange, Failure> {
        let hours = match &self.hours_file {
            Some(path) => {
                Some(document::read("--hours-file", path, format, PlanDocuments::canonical_hours)?)
            }
            None => None,
        };
        let health_url = parse_given("--health-url", self.health_url.as_deref(), WebUrl::parse)?;
        Ok(LimitChange {
            capacity: Edit::of(self.capacity, self.no_capacity),
            hours: Edit::of(hours, self.no_hours),
            health_url: Edit::of(health_url, self.no_health_url),
        })
    }

    /// Where the hours come from.
    pub(super) fn file(&self) -> Option<&str> {
        self.hours_file.as_deref()
    }
}

/// What an agent takes, as it is shown.
#[derive(Debug, Serialize)]
pub(super) struct LimitsView {
    capacity: Option<u32>,
    hours: Option<Value>,
    health_url: Option<String>,
}

impl LimitsView {
    pub(super) fn of(limits: &AgentLimits) -> Self {
        // Also hours that cannot be read any more are shown.
        let document = |text: &String| {
            serde_json::from_str(text).unwrap_or_else(|_unreadable| Value::String(text.clone()))
        };
        Self {
            capacity: limits.capacity,
            hours: limits.hours.as_ref().map(document),
            health_url: limits.health_url.as_ref().map(|url| url.as_str().to_owned()),
        }
    }

    /// The cells of its lines, for people.
    pub(super) fn cells(&self) -> [String; 3] {
        [
            self.capacity.map_or_else(|| "any number".to_owned(), |capacity| capacity.to_string()),
            self.hours.as_ref().map_or_else(|| "all".to_owned(), Value::to_string),
            self.health_url.clone().unwrap_or_else(|| NONE.to_owned()),
        ]
    }
}
