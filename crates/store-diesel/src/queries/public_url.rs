//! The public URL of the installation, in a table of one row.

use async_trait::async_trait;
use diesel::upsert::excluded;
use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::audit::{Action, Author, ObjectKind, ObjectRef, Snapshot};
use switchboard_domain::ports::{PublicUrlStore, StoreError};
use switchboard_domain::signature::PublicUrl;

use super::audited;
use super::dialect::{Conn, Store};
use super::schema::public_url;
use crate::decode::Row;
use crate::failure::Failure;

/// The key of the only row.
const ONLY: i16 = 1;

#[async_trait]
impl PublicUrlStore for Store {
    async fn find(&self) -> Result<Option<PublicUrl>, StoreError> {
        let found = self.read("public_url.find", (), |conn, ()| find(conn).boxed()).await?;
        found.as_deref().map(decoded).transpose()
    }

    async fn set(&self, author: &Author, url: &PublicUrl) -> Result<(), StoreError> {
        let wanted = (author.clone(), url.as_str().to_owned());
        self.write("public_url.set", wanted, |conn, (author, url)| set(conn, author, url).boxed())
            .await
    }

    async fn set_first(&self, author: &Author, url: &PublicUrl) -> Result<PublicUrl, StoreError> {
        let wanted = (author.clone(), url.as_str().to_owned());
        let stored = self
            .write("public_url.set_first", wanted, |conn, (author, url)| {
                set_first(conn, author, url).boxed()
            })
            .await?;
        decoded(stored.as_deref().unwrap_or(url.as_str()))
    }
}

pub(super) fn decoded(url: &str) -> Result<PublicUrl, StoreError> {
    Row::new("public_url", "1").read("url", PublicUrl::parse(url))
}

pub(super) async fn find(conn: &mut Conn) -> Result<Option<String>, Failure> {
    let url = public_url::table.find(ONLY).select(public_url::url);
    Ok(url.first(conn).await.optional()?)
}

/// Records that the URL was stored.
async fn record(
    conn: &mut Conn,
    author: &Author,
    before: Option<&str>,
    after: Option<&str>,
) -> Result<(), Failure> {
    let snapshot = |url| Snapshot::default().text("public_url", Some(url));
    let (before, after) = (before.map(snapshot), after.map(snapshot));
    let object = ObjectRef::new(ObjectKind::Installation, "public_url");
    let what = (Action::PublicUrlChanged, object);
    audited::record(conn, author, None, what, (before.as_ref(), after.as_ref())).await
}

async fn set(conn: &mut Conn, author: &Author, url: &str) -> Result<(), Failure> {
    let before = find(conn).await?;
    diesel::insert_into(public_url::table)
        .values((public_url::id.eq(ONLY), public_url::url.eq(url)))
        .on_conflict(public_url::id)
        .do_update()
        .set(public_url::url.eq(excluded(public_url::url)))
        .execute(conn)
        .await?;
    record(conn, author, before.as_deref(), Some(url)).await
}

async fn set_first(conn: &mut Conn, author: &Author, url: &str) -> Result<Option<String>, Failure> {
    let stored = diesel::insert_into(public_url::table)
        .values((public_url::id.eq(ONLY), public_url::url.eq(url)))
        .on_conflict(public_url::id)
        .do_nothing()
        .execute(conn)
        .await?;
    if stored > 0 {
        record(conn, author, None, Some(url)).await?;
    }
    find(conn).await
}
