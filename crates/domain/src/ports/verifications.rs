use async_trait::async_trait;

use super::StoreError;
use crate::authentication::VerifiedBy;
use crate::sid::AccountSid;
use crate::time::Timestamp;

/// Tells by which token the requests of an account were verified. Laws: `switchboard_contract::verifications`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait VerificationStore: Send + Sync {
    /// When a call or an inbound message of the account was last taken on that verification, if one was.
    async fn last_seen(
        &self,
        account: AccountSid,
        verified_by: VerifiedBy,
    ) -> Result<Option<Timestamp>, StoreError>;
}
