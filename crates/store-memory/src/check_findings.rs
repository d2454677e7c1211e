//! What checks found about numbers and accounts.

use async_trait::async_trait;
use switchboard_domain::check_finding::{
    AccountFinding, DriftFilter, DriftingNumber, NumberFinding, PreviousFinding,
};
use switchboard_domain::event::{event_of_account, event_of_number};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{CheckFindingStore, NumberFilter, Observation, Page, StoreError};
use switchboard_domain::sender::Sender;

use crate::MemoryStore;
use crate::configurations::kept;
use crate::numbers::shown;
use crate::state::Drifting;

#[async_trait]
impl CheckFindingStore for MemoryStore {
    async fn report_numbers(
        &self,
        scope: &Scope,
        found: &[NumberFinding],
    ) -> Result<(), StoreError> {
        let mut state = self.enter("check_finding.report_numbers").await?;
        for found in found {
            let Some(number) = state.numbers.get(&found.sender).cloned() else { continue };
            let Ok(kept) = kept(&mut state, scope, found.sender) else { continue };
            let is_later = |seen: &Observation| seen.at > found.at;
            if number.assignment != found.assignment
                || kept.observation.as_ref().is_some_and(is_later)
            {
                continue;
            }
            let before = kept.drifting.take();
            let previous = match &before {
                Some(_) => PreviousFinding::Faulty,
                None => PreviousFinding::Healthy,
            };
            if !found.reasons.is_empty() {
                let since = before.map_or(found.at, |before| before.since);
                let (reasons, drift) = (found.reasons.clone(), found.drift.clone());
                kept.drifting = Some(Drifting { since, reasons, drift });
            }
            let owner = (&number.organization, number.account);
            let happened = event_of_number(found, owner, previous);
            state.add_events(happened);
        }
        Ok(())
    }

    async fn report_accounts(
        &self,
        scope: &Scope,
        found: &[AccountFinding],
    ) -> Result<(), StoreError> {
        let mut state = self.enter("check_finding.report_accounts").await?;
        for found in found {
            let account = state.accounts.get(&found.account);
            let Some(account) = account.filter(|account| scope.covers(&account.organization))
            else {
                continue;
            };
            let previous = if state.unreachable_accounts.contains(&found.account) {
                PreviousFinding::Faulty
            } else {
                PreviousFinding::Healthy
            };
            let happened = event_of_account(found, &account.organization, previous);
            if found.unreachable.is_some() {
                state.unreachable_accounts.insert(found.account);
            } else {
                state.unreachable_accounts.remove(&found.account);
            }
            state.add_events(happened);
        }
        Ok(())
    }

    async fn drifting(
        &self,
        scope: &Scope,
        filter: &DriftFilter,
        page: &Page<Sender>,
    ) -> Result<Vec<DriftingNumber>, StoreError> {
        let state = self.enter("check_finding.drifting").await?;
        let of_account = NumberFilter { account: filter.account, ..NumberFilter::default() };
        let drifting = state.numbers.iter().filter_map(|(sender, number)| {
            let drifting = state.configurations.get(sender)?.drifting.as_ref()?;
            let is_wanted = shown(scope, &of_account, number)
                && filter.reason.is_none_or(|reason| drifting.reasons.contains(&reason))
                && page.after.as_ref().is_none_or(|after| sender > after);
            is_wanted.then(|| DriftingNumber {
                number: number.clone(),
                since: drifting.since,
                drift: drifting.drift.clone(),
            })
        });
        Ok(drifting.take(page.limit as usize).collect())
    }
}
