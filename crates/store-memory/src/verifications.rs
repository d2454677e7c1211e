//! By which token the requests of an account were verified.

use async_trait::async_trait;
use switchboard_domain::authentication::VerifiedBy;
use switchboard_domain::ports::{StoreError, VerificationStore};
use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;

use crate::MemoryStore;

#[async_trait]
impl VerificationStore for MemoryStore {
    async fn last_seen(
        &self,
        account: AccountSid,
        verified_by: VerifiedBy,
    ) -> Result<Option<Timestamp>, StoreError> {
        let state = self.enter("verified_by.last_seen").await?;
        let calls = state.calls.values().filter(|call| call.account == account);
        let decisions = calls
            .filter_map(|call| call.decision.as_ref())
            .map(|decision| (decision.verified_by, decision.at));
        let messages = state
            .message_verified_by
            .iter()
            .filter(|((owner, _), _)| *owner == account)
            .map(|(_, taken)| *taken);
        let seen = decisions.chain(messages).filter(|(on, _)| *on == verified_by);
        Ok(seen.map(|(_, at)| at).max())
    }
}
