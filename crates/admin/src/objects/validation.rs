//! What enforcing the signatures of an account's webhooks refuses, as JSON.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use switchboard_application_management::{RefusedRequests, Unverified};
use switchboard_domain::account_validation::AccountValidation;
use switchboard_domain::signature::NearMiss;
use utoipa::ToSchema;

use super::instant;

/// Requests that did not verify for the same reason.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = UnverifiedRequests)]
pub struct UnverifiedRequestsObject {
    /// The reason, as in the list of refused requests.
    pub reason: Cow<'static, str>,
    /// The single change that would have made the signature match.
    #[schema(required)]
    pub near_miss: Option<Cow<'static, str>>,
    /// The public URL with which the signature matches.
    #[schema(required)]
    pub public_url: Option<String>,
    /// Whether Twilio sent them, as far as the signature tells.
    pub genuine: bool,
    /// How many there were.
    pub count: u64,
}

impl From<&RefusedRequests> for UnverifiedRequestsObject {
    fn from(requests: &RefusedRequests) -> Self {
        let near_miss = requests.near_miss.as_ref();
        Self {
            reason: requests.refusal.as_str().into(),
            near_miss: near_miss.map(NearMiss::as_str).map(Cow::Borrowed),
            public_url: near_miss.and_then(NearMiss::public_url).map(str::to_owned),
            genuine: requests.are_genuine(),
            count: requests.count,
        }
    }
}

/// How strictly the signatures of an account's webhooks are checked, and what enforcing them refuses.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = AccountValidation)]
pub struct ValidationObject {
    /// `enforced`, `report`, or `null` as the installation says.
    #[schema(required)]
    pub validation: Option<Cow<'static, str>>,
    /// The beginning of the 24 hours that are counted.
    #[schema(format = DateTime)]
    pub since: String,
    /// The requests of the account since then that did not verify, by reason and near miss.
    pub unverified: Vec<UnverifiedRequestsObject>,
    /// How many of them Twilio sent, as far as the signature tells.
    pub genuine: u64,
    /// Whether there were more than are counted.
    pub partial: bool,
}

impl ValidationObject {
    /// Renders the setting and the counts.
    pub fn of(validation: Option<AccountValidation>, unverified: &Unverified) -> Self {
        Self {
            validation: validation.map(AccountValidation::as_str).map(Cow::Borrowed),
            since: instant(unverified.since),
            unverified: unverified.requests.iter().map(UnverifiedRequestsObject::from).collect(),
            genuine: unverified.genuine(),
            partial: unverified.is_partial,
        }
    }
}
