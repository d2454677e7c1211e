//! API keys, found by the digests of their secrets.

use async_trait::async_trait;
use diesel::sql_types::{Binary, Nullable, Text};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, OptionalExtension as _, QueryDsl as _,
    SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::agent::Label;
use switchboard_domain::api_key::{ApiKey, KeyDigest, KeyScopes};
use switchboard_domain::audit::{Action, Author, ObjectKind, ObjectRef};
use switchboard_domain::identifier::{ApiKeyId, OrganizationId};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{ApiKeyStore, Entity, Page, StoreError};
use switchboard_domain::source_networks::SourceNetworks;
use switchboard_domain::time::Timestamp;

use super::audited::Audited;
use super::dialect::{Conn, Db, Moment, Store, Ts};
use super::schema::api_keys;
use super::upsert::execute;
use super::{MISSING_ORGANIZATION, only, organization_must_be_there};
use crate::decode::Row;
use crate::failure::Failure;
use crate::unreadable::{readable_page, stored_page};

upserts! {
    /// A key, as stored.
    pub(crate) struct KeyRow in api_keys {
        id: String as Text,
        organization_id: Option<String> as Nullable<Text>,
        name: String as Text,
        scopes: String as Text,
        networks: String as Text,
        digest: Vec<u8> as Binary,
        created_at: Moment as Ts,
        expires_at: Option<Moment> as Nullable<Ts>,
        revoked_at: Option<Moment> as Nullable<Ts>,
        last_used_at: Option<Moment> as Nullable<Ts>,
    }

    /// Adds keys. Existing ones, by id or digest, stay unchanged.
    AddKeys = "ON CONFLICT DO NOTHING";
}

impl KeyRow {
    fn of(key: &ApiKey, digest: &KeyDigest) -> Self {
        Self {
            id: key.id.as_str().to_owned(),
            organization_id: key.organization.as_ref().map(|id| id.as_str().to_owned()),
            name: key.name.as_str().to_owned(),
            scopes: key.scopes.to_string(),
            networks: key.networks.to_string(),
            digest: digest.as_bytes().to_vec(),
            created_at: Moment(key.created_at),
            expires_at: key.expires_at.map(Moment),
            revoked_at: key.revoked_at.map(Moment),
            last_used_at: key.last_used_at.map(Moment),
        }
    }

    /// The digest, which finds the key and is not part of it.
    pub(super) fn digest(&self) -> Result<[u8; 32], StoreError> {
        Row::new("api_keys", &self.id).read("digest", <[u8; 32]>::try_from(&*self.digest))
    }

    /// Whether a scope covers the key. Only the operator's covers a key without an organization.
    fn is_covered(&self, scope: &Scope) -> bool {
        only(scope).is_none_or(|own| self.organization_id.as_deref() == Some(own))
    }
}

impl TryFrom<KeyRow> for ApiKey {
    type Error = StoreError;

    fn try_from(row: KeyRow) -> Result<Self, StoreError> {
        let at = Row::new("api_keys", &row.id);
        let organization = row.organization_id.as_deref();
        Ok(Self {
            id: at.read("id", ApiKeyId::parse(&row.id))?,
            organization: at.optional("organization_id", organization, OrganizationId::parse)?,
            name: at.read("name", Label::parse(&row.name))?,
            scopes: at.read("scopes", KeyScopes::parse(&row.scopes))?,
            networks: at.read("networks", SourceNetworks::parse(&row.networks))?,
            created_at: row.created_at.0,
            expires_at: row.expires_at.map(|moment| moment.0),
            revoked_at: row.revoked_at.map(|moment| moment.0),
            last_used_at: row.last_used_at.map(|moment| moment.0),
        })
    }
}

#[async_trait]
impl ApiKeyStore for Store {
    async fn add(
        &self,
        author: &Author,
        key: &ApiKey,
        digest: &KeyDigest,
    ) -> Result<(), StoreError> {
        let row = KeyRow::of(key, digest);
        if !row.is_covered(author) {
            return Err(MISSING_ORGANIZATION);
        }
        let wanted = (author.clone(), row);
        self.write("api_key.add", wanted, |conn, (author, row)| add(conn, author, row).boxed())
            .await
    }

    async fn find(&self, digest: &KeyDigest) -> Result<Option<ApiKey>, StoreError> {
        let found =
            self.read("api_key.find", *digest, |conn, digest| by_digest(conn, digest).boxed());
        found.await?.map(ApiKey::try_from).transpose()
    }

    async fn list(&self, scope: &Scope, page: &Page<ApiKeyId>) -> Result<Vec<ApiKey>, StoreError> {
        readable_page(
            stored_page(page, |id| id.as_str().to_owned()),
            |row: &KeyRow| row.id.clone(),
            ApiKey::try_from,
            |page| {
                self.read("api_key.list", (scope.clone(), page), |conn, (scope, page)| {
                    list(conn, scope, page).boxed()
                })
            },
        )
        .await
    }

    async fn revoke(
        &self,
        author: &Author,
        id: &ApiKeyId,
        at: Timestamp,
    ) -> Result<ApiKey, StoreError> {
        let wanted = (author.clone(), id.as_str().to_owned(), at);
        let revoked = self.write("api_key.revoke", wanted, |conn, (author, id, at)| {
            revoke(conn, author, id, *at).boxed()
        });
        revoked.await.and_then(ApiKey::try_from)
    }

    async fn record_use(&self, used: &[(ApiKeyId, Timestamp)]) -> Result<(), StoreError> {
        let used: Vec<_> = used.iter().map(|(id, at)| (id.as_str().to_owned(), *at)).collect();
        self.write("api_key.record_use", used, |conn, used| record_use(conn, used).boxed()).await
    }
}

fn object(id: &str) -> ObjectRef {
    ObjectRef::new(ObjectKind::ApiKey, id)
}

async fn add(conn: &mut Conn, author: &Author, row: &KeyRow) -> Result<(), Failure> {
    if let Some(organization) = &row.organization_id {
        organization_must_be_there(conn, organization).await?;
    }
    let audited = Audited::begin(conn, object(&row.id)).await?;
    if execute::<AddKeys>(conn, vec![row.clone()].into()).await? == 0 {
        return Err(StoreError::Exists { entity: Entity::ApiKey }.into());
    }
    audited.end(conn, author, Action::ApiKeyAdded).await
}

async fn by_digest(conn: &mut Conn, digest: &KeyDigest) -> Result<Option<KeyRow>, Failure> {
    let query = api_keys::table.filter(api_keys::digest.eq(digest.as_bytes().as_slice()));
    Ok(query.select(KeyRow::as_select()).first(conn).await.optional()?)
}

async fn list(conn: &mut Conn, scope: &Scope, page: &Page<String>) -> Result<Vec<KeyRow>, Failure> {
    Ok(page_by_key!(api_keys, id, scope, page).select(KeyRow::as_select()).load(conn).await?)
}

async fn revoke(
    conn: &mut Conn,
    author: &Author,
    id: &str,
    at: Timestamp,
) -> Result<KeyRow, Failure> {
    let query = api_keys::table.find(id).select(KeyRow::as_select());
    let found: Option<KeyRow> = query.first(conn).await.optional()?;
    let found = found.filter(|row| row.is_covered(author));
    let mut row = found.ok_or(StoreError::Missing { entity: Entity::ApiKey })?;
    let audited = Audited::begin(conn, object(id)).await?;
    diesel::update(api_keys::table.find(id))
        .filter(api_keys::revoked_at.is_null())
        .set(api_keys::revoked_at.eq(Moment(at)))
        .execute(conn)
        .await?;
    audited.end(conn, author, Action::ApiKeyRevoked).await?;
    row.revoked_at.get_or_insert(Moment(at));
    Ok(row)
}

async fn record_use(conn: &mut Conn, used: &[(String, Timestamp)]) -> Result<(), Failure> {
    for (id, at) in used {
        let is_earlier =
            api_keys::last_used_at.is_null().or(api_keys::last_used_at.lt(Moment(*at)));
        diesel::update(api_keys::table.find(id))
            .filter(is_earlier)
            .set(api_keys::last_used_at.eq(Moment(*at)))
            .execute(conn)
            .await?;
    }
    Ok(())
}
