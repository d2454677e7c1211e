//! The public URL of the installation.

use async_trait::async_trait;
use switchboard_domain::audit::{Action, Author, ObjectKind, ObjectRef, Snapshot};
use switchboard_domain::ports::{PublicUrlStore, StoreError};
use switchboard_domain::signature::PublicUrl;

use crate::MemoryStore;
use crate::audited;
use crate::state::State;

#[async_trait]
impl PublicUrlStore for MemoryStore {
    async fn find(&self) -> Result<Option<PublicUrl>, StoreError> {
        Ok(self.enter("public_url.find").await?.public_url.clone())
    }

    async fn set(&self, author: &Author, url: &PublicUrl) -> Result<(), StoreError> {
        let mut state = self.enter("public_url.set").await?;
        let before = state.public_url.replace(url.clone());
        record(&mut state, author, before.as_ref(), url);
        Ok(())
    }

    async fn set_first(&self, author: &Author, url: &PublicUrl) -> Result<PublicUrl, StoreError> {
        let mut state = self.enter("public_url.set_first").await?;
        if let Some(stored) = &state.public_url {
            return Ok(stored.clone());
        }
        state.public_url = Some(url.clone());
        record(&mut state, author, None, url);
        Ok(url.clone())
    }
}

fn record(state: &mut State, author: &Author, before: Option<&PublicUrl>, after: &PublicUrl) {
    let snapshot = |url: &PublicUrl| Snapshot::default().text("public_url", Some(url.as_str()));
    let (before, after) = (before.map(snapshot), snapshot(after));
    let object = ObjectRef::new(ObjectKind::Installation, "public_url");
    let what = (Action::PublicUrlChanged, object);
    audited::record(state, author, None, what, (before.as_ref(), Some(&after)));
}
