//! Options for the facts about a hypothetical caller.

use clap::Args;
use switchboard_admin::explanation_request;
use switchboard_domain::address::Address;
use switchboard_domain::plan::{Caller, CallerFacts};
use switchboard_domain::time::Timestamp;

use crate::command_line::input::{parse, parse_given};
use crate::failure::Failure;

/// What Twilio would report about the caller.
#[derive(Debug, Args)]
pub(in crate::command_line) struct Reported {
    /// The caller's country as Twilio reports it, for example US
    #[arg(long, value_name = "CC")]
    country: Option<String>,
    /// The caller's state or province as Twilio reports it, for example CA
    #[arg(long)]
    state: Option<String>,
    /// The caller's city as Twilio reports it
    #[arg(long)]
    city: Option<String>,
    /// The caller's postal code as Twilio reports it
    #[arg(long, value_name = "CODE")]
    postal_code: Option<String>,
    /// The STIR/SHAKEN attestation of the number: A, B or C
    #[arg(long, value_name = "LEVEL")]
    attestation: Option<String>,
}

impl Reported {
    pub(super) fn facts(&self, from: &Address) -> Result<CallerFacts, Failure> {
        let country =
            parse_given("--country", self.country.as_deref(), explanation_request::country)?;
        let attestation = self.attestation.as_deref();
        let attestation =
            parse_given("--attestation", attestation, explanation_request::attestation)?;
        Ok(CallerFacts::of(&Caller {
            address: from,
            country,
            state: self.state.as_deref().unwrap_or_default(),
            city: self.city.as_deref().unwrap_or_default(),
            postal_code: self.postal_code.as_deref().unwrap_or_default(),
            attestation,
        }))
    }
}

impl Reported {
    /// The given facts, by the names of the fields of the API.
    pub(super) fn fields(&self) -> [(&'static str, Option<&str>); 5] {
        [
            ("country", self.country.as_deref()),
            ("state", self.state.as_deref()),
            ("city", self.city.as_deref()),
            ("postal_code", self.postal_code.as_deref()),
            ("attestation", self.attestation.as_deref()),
        ]
    }
}

/// Parses a day (UTC) or an RFC 3339 time; `None` for `now`.
pub(super) fn instant(argument: &str, text: &str) -> Result<Option<Timestamp>, Failure> {
    parse(argument, text, explanation_request::time)
}
