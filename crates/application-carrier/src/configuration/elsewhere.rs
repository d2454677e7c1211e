//! Finds out which other account has the senders and short codes that their own account has no more.
//!
//! Phone numbers need no further requests: the check of each account lists all of them. Senders and short codes are listed
//! only where one of them is stored.

use std::collections::{HashMap, HashSet};

use futures_util::{StreamExt as _, stream};
use switchboard_domain::account::Account;
use switchboard_domain::causes::Causes;
use switchboard_domain::ports::ConfiguredNumber;
use switchboard_domain::sender::{Sender, SenderKind};
use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;

use super::check::MAX_CONCURRENT_ACCOUNTS;
use super::survey::is_channel_sender;
use super::{CheckWebhooks, Survey};

impl CheckWebhooks {
    /// Where the missing senders and short codes are now. An account that cannot be read has none of them.
    pub(super) async fn elsewhere(
        &self,
        accounts: Vec<Account>,
        missing: &[(ConfiguredNumber, Timestamp)],
    ) -> HashMap<Sender, AccountSid> {
        let is_unlisted =
            |sender: Sender| is_channel_sender(sender) || sender.kind() == SenderKind::ShortCode;
        let before: HashMap<_, _> = missing
            .iter()
            .map(|(configured, _)| (configured.number.sender, configured.number.account))
            .filter(|(sender, _)| is_unlisted(*sender))
            .collect();
        if before.is_empty() {
            return HashMap::new();
        }
        let wanted: &HashSet<Sender> = &before.keys().copied().collect();
        let looks = accounts
            .into_iter()
            .map(|account| async move { (account.sid, self.owned(&account, wanted).await) });
        let mut looks = stream::iter(looks).buffer_unordered(MAX_CONCURRENT_ACCOUNTS);
        let mut found = HashMap::new();
        while let Some((account, owned)) = looks.next().await {
            let moved = owned.into_iter().filter(|sender| before[sender] != account);
            found.extend(moved.map(|sender| (sender, account)));
        }
        found
    }

    /// Which of these senders and short codes an account has.
    async fn owned(&self, account: &Account, wanted: &HashSet<Sender>) -> Vec<Sender> {
        let Ok(access) = self.access.for_account(account).await else { return Vec::new() };
        match Survey::new(self.carrier.as_ref(), &access).owned(wanted).await {
            Ok(owned) => owned,
            Err(error) => {
                tracing::debug!(account.sid = %account.sid, error = %Causes(&error), "senders could not be listed");
                Vec::new()
            }
        }
    }
}
