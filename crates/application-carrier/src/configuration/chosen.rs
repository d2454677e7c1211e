//! Checks some numbers, of which several can belong to one account.

use std::collections::{BTreeMap, BTreeSet};

use switchboard_domain::configuration::OverridePolicy;
use switchboard_domain::organization::Scope;
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::AccountSid;

use super::{CheckSummary, CheckWebhooks, ConfigurationError, NumberReport, Selection};
use crate::OperationError;

impl CheckWebhooks {
    /// Checks these numbers, one account after another. Each account is read once. Numbers that are not stored are left out, and
    /// what is found about other numbers of the accounts is stored, but not reported.
    pub async fn check_chosen(
        &self,
        scope: &Scope,
        chosen: &BTreeSet<Sender>,
        overrides: OverridePolicy,
        report: &mut (dyn FnMut(NumberReport) + Send),
    ) -> Result<CheckSummary, ConfigurationError> {
        let mut by_account: BTreeMap<AccountSid, Vec<Sender>> = BTreeMap::new();
        for sender in chosen {
            let found = self.configurations.find(scope, *sender).await;
            let found = found.map_err(OperationError::store("finding the number"))?;
            if let Some(found) = found {
                by_account.entry(found.number.account).or_default().push(*sender);
            }
        }
        let mut summary = CheckSummary { accounts: by_account.len(), ..CheckSummary::default() };
        for (account, numbers) in by_account {
            let selection = match numbers[..] {
                [only] => Selection::Number(only),
                _ => Selection::Account(account),
            };
            let mut of_chosen = |checked: NumberReport| {
                if chosen.contains(&checked.configured.number.sender) {
                    summary.numbers += 1;
                    summary.drifting += usize::from(!checked.drift.is_none());
                    report(checked);
                }
            };
            self.check(scope, selection, overrides, &mut of_chosen).await?;
        }
        Ok(summary)
    }
}
