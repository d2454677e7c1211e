//! Subscriptions to events, and their secrets.

use async_trait::async_trait;
use diesel::sql_types::{BigInt, Binary, Nullable, Text};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, OptionalExtension as _, QueryDsl as _,
    SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::audit::{Action, Author, ObjectKind, ObjectRef, Snapshot};
use switchboard_domain::event::EventTypes;
use switchboard_domain::identifier::{OrganizationId, SubscriptionId};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    Entity, EventOutbox, MAX_SIGNING_SECRETS, Page, StoreError, SubscriptionSecret,
    SubscriptionSecretStore, SubscriptionStore,
};
use switchboard_domain::sealing::Sealed;
use switchboard_domain::subscription::{DisabledReason, Subscription, SubscriptionState};
use switchboard_domain::time::Timestamp;
use switchboard_domain::web_address::WebUrl;

use super::audited::{self, Audited};
use super::dialect::{Conn, Db, Moment, Store, Ts};
use super::distribution::{any_undistributed, distribute};
use super::schema::{organizations, subscription_secrets, subscriptions};
use super::upsert::execute;
use super::{MISSING_ORGANIZATION, covers, may_add, only};
use crate::decode::Row;
use crate::failure::Failure;
use crate::unreadable::{readable_page, stored_page};

upserts! {
    /// A subscription, as stored.
    pub(crate) struct SubscriptionRow in subscriptions {
        id: String as Text,
        organization_id: String as Text,
        url: String as Text,
        types: String as Text,
        disabled_reason: Option<String> as Nullable<Text>,
        disabled_at: Option<Moment> as Nullable<Ts>,
        created_at: Moment as Ts,
    }

    /// Adds subscriptions. Existing ones stay unchanged.
    AddSubscriptions = "ON CONFLICT (id) DO NOTHING";
}

upserts! {
    /// A secret, as stored.
    pub(crate) struct SecretRow in subscription_secrets {
        subscription_id: String as Text,
        number: i64 as BigInt,
        sealed: Vec<u8> as Binary,
        expires_at: Option<Moment> as Nullable<Ts>,
    }

    /// Adds secrets. Existing ones stay unchanged.
    AddSecrets = "ON CONFLICT (subscription_id, number) DO NOTHING";
}

impl From<&Subscription> for SubscriptionRow {
    fn from(subscription: &Subscription) -> Self {
        let (reason, since) = match subscription.state {
            SubscriptionState::Enabled => (None, None),
            SubscriptionState::Disabled { reason, since } => (Some(reason), Some(since)),
        };
        Self {
            id: subscription.id.as_str().to_owned(),
            organization_id: subscription.organization.as_str().to_owned(),
            url: subscription.url.as_str().to_owned(),
            types: subscription.types.to_string(),
            disabled_reason: reason.map(|reason| reason.as_str().to_owned()),
            disabled_at: since.map(Moment),
            created_at: Moment(subscription.created_at),
        }
    }
}

impl TryFrom<SubscriptionRow> for Subscription {
    type Error = StoreError;

    fn try_from(row: SubscriptionRow) -> Result<Self, StoreError> {
        let at = Row::new("subscriptions", &row.id);
        let state = match row.disabled_at {
            None => SubscriptionState::Enabled,
            Some(since) => {
                let reason = at.filled("disabled_reason", row.disabled_reason.as_deref())?;
                let reason = at.word("disabled_reason", DisabledReason::parse(reason))?;
                SubscriptionState::Disabled { reason, since: since.0 }
            }
        };
        Ok(Self {
            id: at.read("id", SubscriptionId::parse(&row.id))?,
            organization: at
                .read("organization_id", OrganizationId::parse(&row.organization_id))?,
            url: at.read("url", WebUrl::parse(&row.url))?,
            types: at.read("types", EventTypes::parse(&row.types))?,
            state,
            created_at: row.created_at.0,
        })
    }
}

impl From<&SubscriptionSecret> for SecretRow {
    fn from(secret: &SubscriptionSecret) -> Self {
        Self {
            subscription_id: secret.subscription.as_str().to_owned(),
            number: secret.number,
            sealed: secret.sealed.as_bytes().to_vec(),
            expires_at: secret.expires_at.map(Moment),
        }
    }
}

impl TryFrom<SecretRow> for SubscriptionSecret {
    type Error = StoreError;

    fn try_from(row: SecretRow) -> Result<Self, StoreError> {
        let at = Row::new("subscription_secrets", &row.subscription_id);
        Ok(Self {
            subscription: at
                .read("subscription_id", SubscriptionId::parse(&row.subscription_id))?,
            number: row.number,
            sealed: Sealed::from_bytes(row.sealed),
            expires_at: row.expires_at.map(|moment| moment.0),
        })
    }
}

#[async_trait]
impl SubscriptionStore for Store {
    async fn add(
        &self,
        author: &Author,
        subscription: &Subscription,
        secret: &SubscriptionSecret,
        max: u32,
    ) -> Result<(), StoreError> {
        may_add(author, &subscription.organization)?;
        let row = SubscriptionRow::from(subscription);
        let wanted = (author.clone(), row, SecretRow::from(secret), max);
        self.write("subscription.add", wanted, |conn, (author, row, secret, max)| {
            add(conn, author, row, secret, *max).boxed()
        })
        .await
    }

    async fn update<'a>(
        &self,
        author: &Author,
        before: Option<&'a Subscription>,
        subscription: &Subscription,
    ) -> Result<(), StoreError> {
        let wanted = (author.clone(), before.cloned(), SubscriptionRow::from(subscription));
        self.write("subscription.update", wanted, |conn, (author, before, row)| {
            update(conn, author, before.as_ref(), row).boxed()
        })
        .await
    }

    async fn remove<'a>(
        &self,
        author: &Author,
        id: &SubscriptionId,
        before: Option<&'a Subscription>,
    ) -> Result<(), StoreError> {
        let wanted = (author.clone(), id.as_str().to_owned(), before.cloned());
        self.write("subscription.remove", wanted, |conn, (author, id, before)| {
            remove(conn, author, id, before.as_ref()).boxed()
        })
        .await
    }

    async fn find(
        &self,
        scope: &Scope,
        id: &SubscriptionId,
    ) -> Result<Option<Subscription>, StoreError> {
        let id = id.as_str().to_owned();
        let found = self.read("subscription.find", id, |conn, id| find(conn, id).boxed()).await?;
        let covered = found.filter(|row| covers(scope, &row.organization_id));
        covered.map(Subscription::try_from).transpose()
    }

    async fn list(
        &self,
        scope: &Scope,
        page: &Page<SubscriptionId>,
    ) -> Result<Vec<Subscription>, StoreError> {
        readable_page(
            stored_page(page, |id| id.as_str().to_owned()),
            |row: &SubscriptionRow| row.id.clone(),
            Subscription::try_from,
            |page| {
                let wanted = (scope.clone(), page);
                self.read("subscription.list", wanted, |conn, (scope, page)| {
                    list(conn, scope, page).boxed()
                })
            },
        )
        .await
    }
}

#[async_trait]
impl SubscriptionSecretStore for Store {
    async fn add_secret(
        &self,
        author: &Author,
        secret: &SubscriptionSecret,
        now: Timestamp,
        previous_expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let wanted = (author.clone(), SecretRow::from(secret), now, previous_expires_at);
        self.write("subscription.add_secret", wanted, |conn, (author, row, now, previous)| {
            add_secret(conn, author, row, *now, *previous).boxed()
        })
        .await
    }

    async fn secrets(
        &self,
        scope: &Scope,
        id: &SubscriptionId,
    ) -> Result<Vec<SubscriptionSecret>, StoreError> {
        let wanted = (scope.clone(), id.as_str().to_owned());
        let rows = self
            .read("subscription.secrets", wanted, |conn, (scope, id)| {
                secrets(conn, scope, id).boxed()
            })
            .await?;
        rows.into_iter().map(SubscriptionSecret::try_from).collect()
    }
}

#[async_trait]
impl EventOutbox for Store {
    async fn distribute(&self, limit: u32) -> Result<u32, StoreError> {
        // Most polls find nothing, and a read blocks no writer.
        let any =
            self.read("subscription.undistributed", (), |conn, ()| any_undistributed(conn).boxed());
        if !any.await? {
            return Ok(0);
        }
        let taken = self.write("subscription.distribute", limit, |conn, limit| {
            distribute(conn, *limit).boxed()
        });
        let taken = taken.await?;
        self.hint_workers();
        Ok(taken)
    }
}

const MISSING: StoreError = StoreError::Missing { entity: Entity::Subscription };
const EXISTS: StoreError = StoreError::Exists { entity: Entity::Subscription };

/// The organization is held while its subscriptions are counted, so that two who add at once see each other.
async fn add(
    conn: &mut Conn,
    author: &Author,
    row: &SubscriptionRow,
    secret: &SecretRow,
    max: u32,
) -> Result<(), Failure> {
    let owner = organizations::table.find(&row.organization_id).select(organizations::id);
    let owner: Option<String> = held_by_one!(owner).first(conn).await.optional()?;
    owner.ok_or(MISSING_ORGANIZATION)?;
    let of_owner = subscriptions::organization_id.eq(&row.organization_id);
    let count: i64 = subscriptions::table.filter(of_owner).count().get_result(conn).await?;
    if count >= i64::from(max) {
        return Err(StoreError::Full { entity: Entity::Subscription }.into());
    }
    let audited = Audited::begin(conn, object(&row.id)).await?;
    if execute::<AddSubscriptions>(conn, vec![row.clone()].into()).await? == 0 {
        return Err(EXISTS.into());
    }
    execute::<AddSecrets>(conn, vec![secret.clone()].into()).await?;
    audited.end(conn, author, Action::SubscriptionAdded).await
}

fn object(id: &str) -> ObjectRef {
    ObjectRef::new(ObjectKind::Subscription, id)
}

/// A subscription that is changed is still as the caller read it, and stays so until the transaction ends.
async fn must_be_as(
    conn: &mut Conn,
    scope: &Scope,
    id: &str,
    before: Option<&Subscription>,
) -> Result<(), Failure> {
    let Some(before) = before else { return must_cover(conn, scope, id).await };
    let query = held!(subscriptions::table.find(id).select(SubscriptionRow::as_select()));
    let found: Option<SubscriptionRow> = query.first(conn).await.optional()?;
    let found = found.filter(|row| covers(scope, &row.organization_id)).ok_or(MISSING)?;
    if Subscription::try_from(found)? == *before {
        Ok(())
    } else {
        Err(StoreError::Changed { entity: Entity::Subscription }.into())
    }
}

async fn update(
    conn: &mut Conn,
    author: &Author,
    before: Option<&Subscription>,
    row: &SubscriptionRow,
) -> Result<(), Failure> {
    must_be_as(conn, author, &row.id, before).await?;
    let audited = Audited::begin(conn, object(&row.id)).await?;
    diesel::update(subscriptions::table.find(&row.id))
        .set((
            subscriptions::url.eq(&row.url),
            subscriptions::types.eq(&row.types),
            subscriptions::disabled_reason.eq(&row.disabled_reason),
            subscriptions::disabled_at.eq(row.disabled_at),
        ))
        .execute(conn)
        .await?;
    audited.end(conn, author, Action::SubscriptionChanged).await
}

/// Disables a subscription whose endpoint does not exist any more, unless it is disabled already or has another one now. Returns
/// whether it is disabled by this.
pub(super) async fn disable_gone(
    conn: &mut Conn,
    id: &str,
    endpoint: &WebUrl,
    since: Timestamp,
) -> Result<bool, Failure> {
    let disabled = diesel::update(subscriptions::table.find(id))
        .filter(subscriptions::disabled_at.is_null())
        .filter(subscriptions::url.eq(endpoint.as_str()))
        .set((
            subscriptions::disabled_reason.eq(DisabledReason::Gone.as_str()),
            subscriptions::disabled_at.eq(Moment(since)),
        ))
        .execute(conn)
        .await?;
    Ok(disabled == 1)
}

async fn remove(
    conn: &mut Conn,
    author: &Author,
    id: &str,
    before: Option<&Subscription>,
) -> Result<(), Failure> {
    must_be_as(conn, author, id, before).await?;
    let audited = Audited::begin(conn, object(id)).await?;
    diesel::delete(subscriptions::table.find(id)).execute(conn).await?;
    audited.end(conn, author, Action::SubscriptionRemoved).await
}

async fn find(conn: &mut Conn, id: &str) -> Result<Option<SubscriptionRow>, Failure> {
    let query = subscriptions::table.find(id).select(SubscriptionRow::as_select());
    Ok(query.first(conn).await.optional()?)
}

async fn must_cover(conn: &mut Conn, scope: &Scope, id: &str) -> Result<(), Failure> {
    let found = find(conn, id).await?;
    if found.is_some_and(|row| covers(scope, &row.organization_id)) {
        Ok(())
    } else {
        Err(MISSING.into())
    }
}

async fn list(
    conn: &mut Conn,
    scope: &Scope,
    page: &Page<String>,
) -> Result<Vec<SubscriptionRow>, Failure> {
    let query = page_by_key!(subscriptions, id, scope, page);
    Ok(query.select(SubscriptionRow::as_select()).load(conn).await?)
}

async fn add_secret(
    conn: &mut Conn,
    author: &Author,
    row: &SecretRow,
    now: Timestamp,
    previous_expires_at: Timestamp,
) -> Result<(), Failure> {
    must_cover(conn, author, &row.subscription_id).await?;
    let owner = subscriptions::table.find(&row.subscription_id);
    let owner: String = owner.select(subscriptions::organization_id).first(conn).await?;
    let of_subscription = subscription_secrets::subscription_id.eq(&row.subscription_id);
    let current = subscription_secrets::table
        .filter(of_subscription)
        .filter(subscription_secrets::expires_at.is_null())
        .select(subscription_secrets::sealed);
    let current: Option<Vec<u8>> = current.first(conn).await.optional()?;
    diesel::delete(subscription_secrets::table.filter(of_subscription))
        .filter(
            subscription_secrets::expires_at
                .le(Moment(now))
                .or(subscription_secrets::number.le(row.number - MAX_SIGNING_SECRETS)),
        )
        .execute(conn)
        .await?;
    diesel::update(subscription_secrets::table.filter(of_subscription))
        .filter(subscription_secrets::expires_at.is_null())
        .set(subscription_secrets::expires_at.eq(Moment(previous_expires_at)))
        .execute(conn)
        .await?;
    if execute::<AddSecrets>(conn, vec![row.clone()].into()).await? == 0 {
        return Err(EXISTS.into());
    }
    let secret = |sealed| Snapshot::default().secret("secret", sealed);
    let (before, after) = (secret(current.as_deref()), secret(Some(&row.sealed)));
    let what = (Action::SubscriptionSecretAdded, object(&row.subscription_id));
    audited::record(conn, author, Some(&owner), what, (Some(&before), Some(&after))).await
}

/// A subscription that the scope does not cover has no secrets.
async fn secrets(conn: &mut Conn, scope: &Scope, id: &str) -> Result<Vec<SecretRow>, Failure> {
    if !find(conn, id).await?.is_some_and(|row| covers(scope, &row.organization_id)) {
        return Ok(Vec::new());
    }
    let query = subscription_secrets::table
        .filter(subscription_secrets::subscription_id.eq(id))
        .order(subscription_secrets::number.desc())
        .select(SecretRow::as_select());
    Ok(query.load(conn).await?)
}
