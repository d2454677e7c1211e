//! Which token last verified a request of an account.

use async_trait::async_trait;

use super::StoreError;
use crate::authentication::VerifiedBy;
use crate::sid::AccountSid;
use crate::time::Timestamp;

/// Reads which tokens verified the requests of an account. Laws:
/// `switchboard_contract::verifications`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait VerificationStore: Send + Sync {
    /// Returns when a call or an inbound message of the account was last accepted by this
    /// verification; `None` if none was. What another token verified MUST NOT count.
    async fn last_seen(
        &self,
        account: AccountSid,
        verified_by: VerifiedBy,
    ) -> Result<Option<Timestamp>, StoreError>;
}
