//! A rejection, as it is printed.

use serde::Serialize;
use switchboard_domain::rejection::Rejection;
use switchboard_domain::signature::NearMiss;

use super::{instant, or_none};
use crate::command_line::output::View;
use crate::command_line::remedies;

/// Refused requests of one kind within a short time.
#[derive(Debug, Serialize)]
pub(in crate::command_line) struct RejectionView {
    id: String,
    organization: Option<String>,
    account_sid: Option<String>,
    endpoint: &'static str,
    reason: &'static str,
    explanation: &'static str,
    /// The SID of the call or message in one of the requests, as it claims.
    sample_sid: Option<String>,
    near_miss: Option<&'static str>,
    public_url: Option<String>,
    remedy: String,
    count: u32,
    at: String,
}

impl RejectionView {
    pub(in crate::command_line) fn of(rejection: &Rejection) -> Self {
        let near_miss = rejection.near_miss.as_ref();
        Self {
            id: rejection.id.to_string(),
            organization: rejection.organization.as_ref().map(ToString::to_string),
            account_sid: rejection.account.map(|sid| sid.to_string()),
            endpoint: rejection.endpoint.as_str(),
            reason: rejection.refusal.as_str(),
            explanation: remedies::refusal_meaning(rejection.refusal),
            sample_sid: rejection.sample.map(|sid| sid.to_string()),
            near_miss: near_miss.map(NearMiss::as_str),
            public_url: near_miss.and_then(NearMiss::public_url).map(str::to_owned),
            remedy: remedies::refusal(rejection),
            count: rejection.count,
            at: instant(rejection.at),
        }
    }
}

impl View for RejectionView {
    const COLUMNS: &'static [&'static str] =
        &["AT", "COUNT", "ENDPOINT", "ACCOUNT", "EXAMPLE", "REASON", "WHAT TO DO"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.at.clone(),
            self.count.to_string(),
            self.endpoint.to_owned(),
            or_none(self.account_sid.as_deref()).to_owned(),
            or_none(self.sample_sid.as_deref()).to_owned(),
            self.reason.to_owned(),
            self.remedy.clone(),
        ]
    }
}
