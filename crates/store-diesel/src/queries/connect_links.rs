//! Links by which accounts are connected.

use async_trait::async_trait;
use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::audit::Actor;
use switchboard_domain::connect_link::{ConnectLink, StateDigest};
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::ports::{ConnectLinkStore, Entity, StoreError};
use switchboard_domain::time::Timestamp;

use super::connect_schema::connect_links;
use super::dialect::{Conn, Moment, Store};
use crate::decode::Row;
use crate::failure::{Failure, missing};

/// The most rows that surplus links are deleted in at once.
const SURPLUS: i64 = 100;

/// The organization, the kind and the name of the actor, and the expiry.
type StoredLink = (String, String, Option<String>, Moment);

#[async_trait]
impl ConnectLinkStore for Store {
    async fn add(&self, link: &ConnectLink, most: u32) -> Result<(), StoreError> {
        let wanted = (link.clone(), i64::from(most));
        self.write("connect_link.add", wanted, |conn, (link, most)| add(conn, link, *most).boxed())
            .await
    }

    async fn take(
        &self,
        digest: &StateDigest,
        now: Timestamp,
    ) -> Result<Option<ConnectLink>, StoreError> {
        let taken =
            self.write("connect_link.take", *digest, |conn, digest| take(conn, digest).boxed());
        let taken = taken.await?.filter(|(.., expires_at)| now < expires_at.0);
        taken.map(|stored| link(*digest, stored)).transpose()
    }
}

fn link(digest: StateDigest, stored: StoredLink) -> Result<ConnectLink, StoreError> {
    let (organization, kind, name, expires_at) = stored;
    // The digest stands for a secret, so an error names the organization.
    let at = Row::new("connect_links", &organization);
    Ok(ConnectLink {
        digest,
        actor: at.word("actor_kind", Actor::of(&kind, name.as_deref()))?,
        organization: at.read("organization_id", OrganizationId::parse(&organization))?,
        expires_at: expires_at.0,
    })
}

async fn add(conn: &mut Conn, link: &ConnectLink, most: i64) -> Result<(), Failure> {
    let organization = link.organization.as_str();
    let added = diesel::insert_into(connect_links::table)
        .values((
            connect_links::digest.eq(link.digest.as_bytes().as_slice()),
            connect_links::organization_id.eq(organization),
            connect_links::actor_kind.eq(link.actor.kind()),
            connect_links::actor_name.eq(link.actor.name()),
            connect_links::expires_at.eq(Moment(link.expires_at)),
        ))
        .execute(conn)
        .await;
    added.map_err(missing(|_constraint| Entity::Organization))?;
    let surplus: Vec<Vec<u8>> = connect_links::table
        .filter(connect_links::organization_id.eq(organization))
        .order((connect_links::expires_at.desc(), connect_links::digest.desc()))
        .offset(most)
        .limit(SURPLUS)
        .select(connect_links::digest)
        .load(conn)
        .await?;
    if !surplus.is_empty() {
        diesel::delete(connect_links::table)
            .filter(connect_links::digest.eq_any(surplus))
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// Reads and deletes a link. Of several transactions, one deletes it.
async fn take(conn: &mut Conn, digest: &StateDigest) -> Result<Option<StoredLink>, Failure> {
    let row = connect_links::table.find(digest.as_bytes().as_slice());
    let query = row.select((
        connect_links::organization_id,
        connect_links::actor_kind,
        connect_links::actor_name,
        connect_links::expires_at,
    ));
    let found: Option<StoredLink> = query.first(conn).await.optional()?;
    let deleted = diesel::delete(row).execute(conn).await?;
    Ok(found.filter(|_| deleted == 1))
}
