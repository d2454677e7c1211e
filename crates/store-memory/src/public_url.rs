//! The public URL of the installation.

use async_trait::async_trait;
use switchboard_domain::ports::{PublicUrlStore, StoreError};
use switchboard_domain::signature::PublicUrl;

use crate::MemoryStore;

#[async_trait]
impl PublicUrlStore for MemoryStore {
    async fn find(&self) -> Result<Option<PublicUrl>, StoreError> {
        Ok(self.enter("public_url.find").await?.public_url.clone())
    }

    async fn set(&self, url: &PublicUrl) -> Result<(), StoreError> {
        self.enter("public_url.set").await?.public_url = Some(url.clone());
        Ok(())
    }

    async fn set_first(&self, url: &PublicUrl) -> Result<PublicUrl, StoreError> {
        let mut state = self.enter("public_url.set_first").await?;
        Ok(state.public_url.get_or_insert_with(|| url.clone()).clone())
    }
}
