//! Sealed secrets, wherever they are.

use async_trait::async_trait;
use switchboard_domain::agent::MessageTarget;
use switchboard_domain::ports::{
    Page, SealedColumn, SealedRow, SealedSecretStore, StoreError, StoredSecret,
};
use switchboard_domain::sealing::Sealed;
use switchboard_domain::web_address::WebUrl;

use crate::MemoryStore;
use crate::state::State;

#[async_trait]
impl SealedSecretStore for MemoryStore {
    async fn sealed(
        &self,
        column: SealedColumn,
        page: &Page<SealedRow>,
    ) -> Result<Vec<StoredSecret>, StoreError> {
        let mut state = self.enter("sealed.list").await?;
        let found = places(&mut state, column).into_iter().map(|(row, url, sealed)| StoredSecret {
            column,
            row,
            url,
            sealed: sealed.clone(),
        });
        let behind = found.filter(|one| page.after.as_ref().is_none_or(|after| one.row > *after));
        Ok(behind.take(page.limit as usize).collect())
    }

    async fn reseal(&self, secrets: &[(StoredSecret, Sealed)]) -> Result<u64, StoreError> {
        let mut state = self.enter("sealed.reseal").await?;
        let mut resealed = 0;
        for (known, sealed) in secrets {
            let places = places(&mut state, known.column);
            let place = places.into_iter().find(|(row, ..)| *row == known.row);
            if let Some((_, _, place)) = place.filter(|(_, _, place)| **place == known.sealed) {
                *place = Sealed::of_version(sealed.as_bytes().to_vec(), place.version());
                resealed += 1;
            }
        }
        Ok(resealed)
    }
}

/// The secrets of a column in the order of their rows.
fn places(
    state: &mut State,
    column: SealedColumn,
) -> Vec<(SealedRow, Option<WebUrl>, &mut Sealed)> {
    let row = |id: &str, number| SealedRow { id: id.to_owned(), number };
    let accounts = state.accounts.iter_mut();
    match column {
        SealedColumn::AccountToken => accounts
            .map(|(sid, account)| (row(sid.as_str(), 0), None, &mut account.tokens.primary))
            .collect(),
        SealedColumn::AccountNextToken => accounts
            .filter_map(|(sid, account)| {
                Some((row(sid.as_str(), 0), None, account.tokens.next.as_mut()?))
            })
            .collect(),
        SealedColumn::AccountApiKey => accounts
            .filter_map(|(sid, account)| {
                Some((row(sid.as_str(), 0), None, &mut account.api_key.as_mut()?.secret))
            })
            .collect(),
        SealedColumn::AgentSecret => state
            .agent_secrets
            .iter_mut()
            .map(|((id, number), secret)| (row(id.as_str(), *number), None, &mut secret.sealed))
            .collect(),
        SealedColumn::ChatKey => {
            let agents = &state.agents;
            let keys = state.chat_keys.iter_mut().filter_map(|(id, sealed)| {
                let target = agents.get(id)?.profile.message_target.as_ref();
                let url = MessageTarget::chat_url(target)?;
                Some((row(id.as_str(), 0), Some(url.clone()), sealed))
            });
            keys.collect()
        }
        SealedColumn::SubscriptionSecret => state
            .subscriptions
            .secrets_mut()
            .map(|(id, number, sealed)| (row(id.as_str(), number), None, sealed))
            .collect(),
    }
}
