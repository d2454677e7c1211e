//! The executions of requests with an idempotency key.

use std::collections::BTreeMap;

use switchboard_domain::identifier::ApiKeyId;
use switchboard_domain::ports::LeaseHolder;
use switchboard_domain::repeatable_request::RequestDigest;
use switchboard_domain::sealing::Sealed;
use switchboard_domain::time::Timestamp;

/// The executions by API keys and digests of idempotency keys.
pub(crate) type Executions = BTreeMap<(ApiKeyId, RequestDigest), Execution>;

/// The execution of a request.
#[derive(Debug)]
pub(crate) struct Execution {
    pub(crate) content: RequestDigest,
    pub(crate) holder: LeaseHolder,
    pub(crate) started_at: Timestamp,
    pub(crate) progress: Progress,
}

/// How far a request is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    Running,
    /// With its answer; `None` if that is not kept.
    Executed(Option<Sealed>),
}
