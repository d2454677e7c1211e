//! Links by which accounts are connected.

use async_trait::async_trait;
use switchboard_domain::connect_link::{ConnectLink, StateDigest};
use switchboard_domain::ports::{ConnectLinkStore, Entity, StoreError};
use switchboard_domain::time::Timestamp;

use crate::MemoryStore;
use crate::state::missing;

#[async_trait]
impl ConnectLinkStore for MemoryStore {
    async fn add(&self, link: &ConnectLink, most: u32) -> Result<(), StoreError> {
        let mut state = self.enter("connect_link.add").await?;
        if !state.organizations.contains_key(&link.organization) {
            return Err(missing(Entity::Organization));
        }
        let links = &mut state.connect_links;
        links.insert(link.digest, link.clone());
        let of_organization = links.values().filter(|kept| kept.organization == link.organization);
        let mut kept: Vec<_> = of_organization.map(|kept| (kept.expires_at, kept.digest)).collect();
        kept.sort_unstable();
        let surplus = kept.len().saturating_sub(most as usize);
        for (_, digest) in kept.into_iter().take(surplus) {
            links.remove(&digest);
        }
        Ok(())
    }

    async fn take(
        &self,
        digest: &StateDigest,
        now: Timestamp,
    ) -> Result<Option<ConnectLink>, StoreError> {
        let mut state = self.enter("connect_link.take").await?;
        Ok(state.connect_links.remove(digest).filter(|link| now < link.expires_at))
    }
}
