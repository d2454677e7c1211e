//! The options for the limits of an agent: concurrent calls, hours, and the health check of its voice server.

use clap::Args;
use switchboard_application_management::routing_plans::LimitChange;
use switchboard_domain::web_address::WebUrl;

use super::input::{edit, parse_given};
use super::output::Format;
use super::route::document;
use crate::failure::Failure;
use crate::wiring::Documents;

/// The limits of an agent in routing plans.
#[derive(Debug, Args)]
pub(super) struct Limits {
    /// The capacity: the maximum number of concurrent calls from routing plans
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    capacity: Option<u32>,
    /// Remove the limit on concurrent calls
    #[arg(long, conflicts_with = "capacity")]
    no_capacity: bool,
    /// File with the agent's hours: a schedule as in routing plans (- for standard input)
    #[arg(long, value_name = "FILE")]
    hours_file: Option<String>,
    /// Remove the agent's hours, so that it answers at any time
    #[arg(long, conflicts_with = "hours_file")]
    no_hours: bool,
    /// The health check URL of the agent's voice server
    #[arg(long, value_name = "URL")]
    health_url: Option<String>,
    /// Remove the health check URL, so that health checks only open a connection
    #[arg(long, conflicts_with = "health_url")]
    no_health_url: bool,
}

impl Limits {
    /// Parses the options.
    pub(super) fn parse(&self, format: Format) -> Result<LimitChange, Failure> {
        let hours = match &self.hours_file {
            // Hours with mistakes are refused later, with those that only the database shows.
            Some(path) => Some(document::read("--hours-file", path, format, |text| {
                Ok(Documents::hours(text).unwrap_or_else(|_mistakes| text.into()))
            })?),
            None => None,
        };
        let health_url = parse_given("--health-url", self.health_url.as_deref(), WebUrl::parse)?;
        Ok(LimitChange {
            capacity: edit(self.capacity, self.no_capacity),
            hours: edit(hours, self.no_hours),
            health_url: edit(health_url, self.no_health_url),
        })
    }

    /// Where the hours come from.
    pub(super) fn file(&self) -> Option<&str> {
        self.hours_file.as_deref()
    }
}
