//! A rejection as JSON.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use switchboard_domain::rejection::Rejection;
use switchboard_domain::signature::NearMiss;
use utoipa::ToSchema;

use super::instant;
use crate::wording::Wording;

/// Refused requests of one kind within a short time.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Rejection)]
pub struct RejectionObject {
    /// Its id.
    pub id: String,
    /// The organization of the account, if the account is known.
    #[schema(required)]
    pub organization: Option<String>,
    /// The account that the requests name.
    #[schema(required)]
    pub account_sid: Option<String>,
    /// The endpoint that was requested.
    pub endpoint: Cow<'static, str>,
    /// Why the requests were refused.
    pub reason: Cow<'static, str>,
    /// What the reason means.
    pub explanation: Cow<'static, str>,
    /// The SID of the call or message in one of the requests, as it claims.
    #[schema(required)]
    pub sample_sid: Option<String>,
    /// The single change that would have made the signature match.
    #[schema(required)]
    pub near_miss: Option<Cow<'static, str>>,
    /// The public URL with which the signature would have matched.
    #[schema(required)]
    pub public_url: Option<String>,
    /// What to do.
    pub remedy: String,
    /// The number of requests.
    pub count: u32,
    /// When the last of them arrived.
    #[schema(format = DateTime)]
    pub at: String,
}

impl RejectionObject {
    /// Renders a rejection.
    pub fn of(rejection: &Rejection, wording: &dyn Wording) -> Self {
        let near_miss = rejection.near_miss.as_ref();
        Self {
            id: rejection.id.to_string(),
            organization: rejection.organization.as_ref().map(ToString::to_string),
            account_sid: rejection.account.map(|sid| sid.to_string()),
            endpoint: rejection.endpoint.as_str().into(),
            reason: rejection.refusal.as_str().into(),
            explanation: wording.refusal(rejection.refusal).into(),
            sample_sid: rejection.sample.map(|sid| sid.to_string()),
            near_miss: near_miss.map(NearMiss::as_str).map(Cow::Borrowed),
            public_url: near_miss.and_then(NearMiss::public_url).map(str::to_owned),
            remedy: wording.rejection_remedy(rejection),
            count: rejection.count,
            at: instant(rejection.at),
        }
    }
}
