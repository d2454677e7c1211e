//! Accounts.

use async_trait::async_trait;
use diesel::sql_types::{BigInt, Binary, Nullable, Text};
use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::account::{Account, SealedApiKey, SealedTokens};
use switchboard_domain::account_validation::AccountValidation;
use switchboard_domain::agent::Label;
use switchboard_domain::audit::{Action, Author, ObjectRef};
use switchboard_domain::carrier::{AccountStatus, Region};
use switchboard_domain::connection::{ConnectApp, Connection};
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{AccountStore, Change, Entity, Page, StoreError};
use switchboard_domain::sealing::{Sealed, SecretVersion};
use switchboard_domain::sid::{AccountSid, ApiKeySid, ConnectAppSid};

use super::audited::Audited;
use super::dialect::{Conn, Db, Moment, Store, Ts};
use super::schema::{accounts, numbers};
use super::upsert::execute;
use super::{changes, covers, may_add, only};
use crate::decode::Row;
use crate::failure::{Failure, in_use, missing};
use crate::unreadable::{readable_page, stored_page};

upserts! {
    /// An account, as stored.
    pub(crate) struct AccountRow in accounts {
        sid: String as Text,
        organization_id: String as Text,
        name: String as Text,
        parent_sid: Option<String> as Nullable<Text>,
        sealed_token: Vec<u8> as Binary,
        sealed_next_token: Option<Vec<u8>> as Nullable<Binary>,
        created_at: Moment as Ts,
        region: String as Text,
        api_key_sid: Option<String> as Nullable<Text>,
        sealed_api_key_secret: Option<Vec<u8>> as Nullable<Binary>,
        status: String as Text,
        token_version: i64 as BigInt,
        next_token_version: i64 as BigInt,
        api_key_version: i64 as BigInt,
        validation: Option<String> as Nullable<Text>,
        connect_app_sid: Option<String> as Nullable<Text>,
        connect_owner_sid: Option<String> as Nullable<Text>,
        disconnected_at: Option<Moment> as Nullable<Ts>,
    }

    /// Adds accounts. Existing ones stay unchanged.
    AddAccounts = "ON CONFLICT DO NOTHING";

    /// Adds accounts, or changes those that the organization has already. What an import does not contain
    /// stays: a next token while the tokens are being rotated, the API key, the region, the status, the validation, the
    /// connection.
    ImportAccounts =
        "ON CONFLICT (sid) DO UPDATE SET name = excluded.name, parent_sid = excluded.parent_sid, \
         sealed_token = excluded.sealed_token, token_version = excluded.token_version, \
         sealed_next_token = COALESCE(excluded.sealed_next_token, accounts.sealed_next_token), \
         next_token_version = CASE WHEN excluded.sealed_next_token IS NULL \
             THEN accounts.next_token_version ELSE excluded.next_token_version END \
         WHERE accounts.organization_id = excluded.organization_id";
}

impl From<&Account> for AccountRow {
    fn from(account: &Account) -> Self {
        let connection = account.connection.as_ref();
        let app = connection.map(|connection| connection.app);
        Self {
            sid: account.sid.as_str().to_owned(),
            organization_id: account.organization.as_str().to_owned(),
            name: account.name.as_str().to_owned(),
            parent_sid: account.parent.map(|parent| parent.as_str().to_owned()),
            sealed_token: account.tokens.primary.as_bytes().to_owned(),
            sealed_next_token: account.tokens.next.as_ref().map(|next| next.as_bytes().to_owned()),
            created_at: Moment(account.created_at),
            region: account.region.as_str().to_owned(),
            api_key_sid: account.api_key.as_ref().map(|key| key.sid.as_str().to_owned()),
            sealed_api_key_secret: account
                .api_key
                .as_ref()
                .map(|key| key.secret.as_bytes().to_owned()),
            status: account.status.as_str().to_owned(),
            token_version: version(&account.tokens.primary),
            next_token_version: account.tokens.next.as_ref().map_or(0, version),
            api_key_version: account.api_key.as_ref().map_or(0, |key| version(&key.secret)),
            validation: account.validation.map(|validation| validation.as_str().to_owned()),
            connect_app_sid: app.map(|app| app.sid.as_str().to_owned()),
            connect_owner_sid: app.map(|app| app.owner.as_str().to_owned()),
            disconnected_at: connection.and_then(|one| one.disconnected_at).map(Moment),
        }
    }
}

impl TryFrom<AccountRow> for Account {
    type Error = StoreError;

    fn try_from(row: AccountRow) -> Result<Self, StoreError> {
        let at = Row::new("accounts", &row.sid);
        let connection = connection(at, &row)?;
        Ok(Self {
            sid: at.read("sid", AccountSid::parse(&row.sid))?,
            organization: at
                .read("organization_id", OrganizationId::parse(&row.organization_id))?,
            name: at.read("name", Label::parse(&row.name))?,
            parent: at.optional("parent_sid", row.parent_sid.as_deref(), AccountSid::parse)?,
            tokens: SealedTokens {
                primary: sealed(row.sealed_token, row.token_version),
                next: row.sealed_next_token.map(|bytes| sealed(bytes, row.next_token_version)),
            },
            api_key: match row.api_key_sid.as_deref() {
                Some(sid) => Some(SealedApiKey {
                    sid: at.read("api_key_sid", ApiKeySid::parse(sid))?,
                    secret: at
                        .filled("sealed_api_key_secret", row.sealed_api_key_secret)
                        .map(|bytes| sealed(bytes, row.api_key_version))?,
                }),
                None => None,
            },
            region: at.read("region", row.region.parse::<Region>())?,
            status: at.word("status", AccountStatus::parse(&row.status))?,
            validation: match row.validation.as_deref() {
                Some(word) => Some(at.word("validation", AccountValidation::parse(word))?),
                None => None,
            },
            connection,
            created_at: row.created_at.0,
        })
    }
}

/// How the account was connected; `None` unless it names a Connect app.
fn connection(at: Row<'_>, row: &AccountRow) -> Result<Option<Connection>, StoreError> {
    let app =
        at.optional("connect_app_sid", row.connect_app_sid.as_deref(), ConnectAppSid::parse)?;
    let Some(sid) = app else { return Ok(None) };
    let owner = row.connect_owner_sid.as_deref().unwrap_or_default();
    let owner = at.read("connect_owner_sid", AccountSid::parse(owner))?;
    let disconnected_at = row.disconnected_at.as_ref().map(|moment| moment.0);
    Ok(Some(Connection { app: ConnectApp { sid, owner }, disconnected_at }))
}

#[async_trait]
impl AccountStore for Store {
    async fn add(&self, author: &Author, account: &Account) -> Result<(), StoreError> {
        may_add(author, &account.organization)?;
        let wanted = (author.clone(), AccountRow::from(account), account.sid);
        self.write("account.add", wanted, |conn, (author, row, sid)| {
            add(conn, author, row, *sid).boxed()
        })
        .await
    }

    async fn find(&self, scope: &Scope, sid: AccountSid) -> Result<Option<Account>, StoreError> {
        let found = self.read("account.find", sid, |conn, sid| find(conn, sid).boxed()).await?;
        found.filter(|row| covers(scope, &row.organization_id)).map(Account::try_from).transpose()
    }

    async fn list(
        &self,
        scope: &Scope,
        page: &Page<AccountSid>,
    ) -> Result<Vec<Account>, StoreError> {
        readable_page(
            stored_page(page, |sid| sid.as_str().to_owned()),
            |row: &AccountRow| row.sid.clone(),
            Account::try_from,
            |page| {
                self.read("account.list", (scope.clone(), page), |conn, (scope, page)| {
                    list(conn, scope, page).boxed()
                })
            },
        )
        .await
    }

    async fn change<'a>(
        &self,
        author: &Author,
        before: Option<&'a Account>,
        account: &Account,
    ) -> Result<(), StoreError> {
        let wanted = (author.clone(), before.cloned(), AccountRow::from(account), account.sid);
        self.write("account.change", wanted, |conn, (author, before, row, sid)| {
            change(conn, author, before.as_ref(), row, *sid).boxed()
        })
        .await
    }

    async fn remove<'a>(
        &self,
        author: &Author,
        sid: AccountSid,
        before: Option<&'a Account>,
    ) -> Result<(), StoreError> {
        let wanted = (author.clone(), sid, before.cloned());
        self.write("account.remove", wanted, |conn, (author, sid, before)| {
            remove(conn, author, sid, before.as_ref()).boxed()
        })
        .await
    }
}

const fn sealed(bytes: Vec<u8>, version: i64) -> Sealed {
    Sealed::of_version(bytes, SecretVersion::from_number(version))
}

const fn version(sealed: &Sealed) -> i64 {
    sealed.version().number()
}

const MISSING: StoreError = StoreError::Missing { entity: Entity::Account };

async fn add(
    conn: &mut Conn,
    author: &Author,
    row: &AccountRow,
    sid: AccountSid,
) -> Result<(), Failure> {
    let audited = Audited::begin(conn, ObjectRef::account(sid)).await?;
    let added = execute::<AddAccounts>(conn, vec![row.clone()].into()).await;
    if added.map_err(missing(|_| Entity::Organization))? == 0 {
        return Err(StoreError::Exists { entity: Entity::Account }.into());
    }
    audited.end(conn, author, Action::AccountAdded).await?;
    changes::record(conn, &Change::Accounts).await
}

async fn find(conn: &mut Conn, sid: &AccountSid) -> Result<Option<AccountRow>, Failure> {
    let query = accounts::table.find(sid.as_str()).select(AccountRow::as_select());
    Ok(query.first(conn).await.optional()?)
}

async fn list(
    conn: &mut Conn,
    scope: &Scope,
    page: &Page<String>,
) -> Result<Vec<AccountRow>, Failure> {
    Ok(page_by_key!(accounts, sid, scope, page).select(AccountRow::as_select()).load(conn).await?)
}

/// Nothing of another organization is changed.
async fn must_cover(conn: &mut Conn, scope: &Scope, sid: &str) -> Result<(), Failure> {
    let query = accounts::table.find(sid).select(accounts::organization_id);
    let owner: Option<String> = query.first(conn).await.optional()?;
    match owner {
        Some(owner) if covers(scope, &owner) => Ok(()),
        _ => Err(MISSING.into()),
    }
}

/// An account that is changed is still as the caller read it, and stays so until the transaction ends.
async fn must_be_as(
    conn: &mut Conn,
    scope: &Scope,
    sid: &str,
    before: Option<&Account>,
) -> Result<(), Failure> {
    let Some(before) = before else { return must_cover(conn, scope, sid).await };
    let query = held!(accounts::table.find(sid).select(AccountRow::as_select()));
    let found: Option<AccountRow> = query.first(conn).await.optional()?;
    let found = found.filter(|row| covers(scope, &row.organization_id)).ok_or(MISSING)?;
    if Account::try_from(found)? == *before {
        Ok(())
    } else {
        Err(StoreError::Changed { entity: Entity::Account }.into())
    }
}

async fn change(
    conn: &mut Conn,
    author: &Author,
    before: Option<&Account>,
    row: &AccountRow,
    sid: AccountSid,
) -> Result<(), Failure> {
    must_be_as(conn, author, &row.sid, before).await?;
    let audited = Audited::begin(conn, ObjectRef::account(sid)).await?;
    let changed = diesel::update(accounts::table.find(&row.sid))
        .set((
            accounts::name.eq(&row.name),
            accounts::parent_sid.eq(&row.parent_sid),
            accounts::sealed_token.eq(&row.sealed_token),
            accounts::sealed_next_token.eq(&row.sealed_next_token),
            accounts::region.eq(&row.region),
            accounts::api_key_sid.eq(&row.api_key_sid),
            accounts::sealed_api_key_secret.eq(&row.sealed_api_key_secret),
            accounts::status.eq(&row.status),
            accounts::token_version.eq(row.token_version),
            accounts::next_token_version.eq(row.next_token_version),
            accounts::api_key_version.eq(row.api_key_version),
            accounts::validation.eq(&row.validation),
            accounts::connect_app_sid.eq(&row.connect_app_sid),
            accounts::connect_owner_sid.eq(&row.connect_owner_sid),
            accounts::disconnected_at.eq(&row.disconnected_at),
        ))
        .execute(conn)
        .await?;
    if changed == 0 {
        return Err(MISSING.into());
    }
    audited.end(conn, author, Action::AccountChanged).await?;
    changes::record(conn, &Change::Accounts).await
}

async fn remove(
    conn: &mut Conn,
    author: &Author,
    sid: &AccountSid,
    before: Option<&Account>,
) -> Result<(), Failure> {
    must_be_as(conn, author, sid.as_str(), before).await?;
    let audited = Audited::begin(conn, ObjectRef::account(*sid)).await?;
    let used =
        numbers::table.filter(numbers::account_sid.eq(sid.as_str())).select(numbers::account_sid);
    if used.first::<String>(conn).await.optional()?.is_some() {
        return Err(StoreError::InUse { entity: Entity::Account, by: Entity::Number }.into());
    }
    let removed = diesel::delete(accounts::table.find(sid.as_str())).execute(conn).await;
    // A number may have come since; the foreign key sees it.
    if removed.map_err(in_use(Entity::Account, |_| Entity::Number))? == 0 {
        return Err(MISSING.into());
    }
    audited.end(conn, author, Action::AccountRemoved).await?;
    changes::record(conn, &Change::Accounts).await
}
