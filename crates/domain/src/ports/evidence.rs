use async_trait::async_trait;

use super::StoreError;
use crate::admission::Evidence;
use crate::sid::AccountSid;
use crate::time::Timestamp;

/// Tells by which token the requests of an account were verified. Laws: `switchboard_contract::evidence`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait EvidenceStore: Send + Sync {
    /// When a call or an inbound message of the account was last taken on that evidence, if one was.
    async fn last_seen(
        &self,
        account: AccountSid,
        evidence: Evidence,
    ) -> Result<Option<Timestamp>, StoreError>;
}
