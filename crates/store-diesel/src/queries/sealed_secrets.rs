//! Sealed secrets, wherever they are.

use async_trait::async_trait;
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, JoinOnDsl as _,
    NullableExpressionMethods as _, QueryDsl as _,
};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::ports::{
    Page, SealedColumn, SealedRow, SealedSecretStore, StoreError, StoredSecret,
};
use switchboard_domain::sealing::{Sealed, SecretVersion};

use super::chat_models::base_url;
use super::dialect::{Conn, Db, Store};
use super::schema::{accounts, agent_secrets, agents, chat_keys, subscription_secrets};
use crate::failure::Failure;

/// A secret, as stored: the id and the number of its row, its bytes, its version, and the chat model of its agent.
type Stored = (String, i64, Vec<u8>, i64, Option<String>);

#[async_trait]
impl SealedSecretStore for Store {
    async fn sealed(
        &self,
        column: SealedColumn,
        page: &Page<SealedRow>,
    ) -> Result<Vec<StoredSecret>, StoreError> {
        let rows = self
            .read("sealed.list", (column, page.clone()), |conn, (column, page)| {
                sealed(conn, *column, page).boxed()
            })
            .await?;
        let secret = |(id, number, bytes, version, chat): Stored| StoredSecret {
            column,
            row: SealedRow { id, number },
            url: base_url(chat.as_deref()),
            sealed: Sealed::of_version(bytes, SecretVersion::from_number(version)),
        };
        Ok(rows.into_iter().map(secret).collect())
    }

    async fn reseal(&self, secrets: &[(StoredSecret, Sealed)]) -> Result<u64, StoreError> {
        self.write("sealed.reseal", secrets.to_vec(), |conn, secrets| reseal(conn, secrets).boxed())
            .await
    }
}

/// A page of a column of `accounts`.
macro_rules! of_accounts {
    ($conn:ident, $page:ident, $column:ident, $version:ident) => {{
        let mut query = accounts::table
            .filter(accounts::$column.nullable().is_not_null())
            .select((accounts::sid, accounts::$column.nullable(), accounts::$version))
            .order(accounts::sid)
            .limit($page.limit.into())
            .into_boxed::<Db>();
        if let Some(after) = &$page.after {
            query = query.filter(accounts::sid.gt(after.id.as_str()));
        }
        let rows: Vec<(String, Option<Vec<u8>>, i64)> = query.load($conn).await?;
        let row = |(sid, sealed, version): (_, Option<Vec<u8>>, _)| {
            sealed.map(|sealed| (sid, 0, sealed, version, None))
        };
        rows.into_iter().filter_map(row).collect()
    }};
}

/// A page of a table whose rows have a number.
macro_rules! of_numbered {
    ($conn:ident, $page:ident, $table:ident, $id:ident) => {{
        let mut query = $table::table
            .select(($table::$id, $table::number, $table::sealed))
            .order(($table::$id, $table::number))
            .limit($page.limit.into())
            .into_boxed::<Db>();
        if let Some(SealedRow { id, number }) = &$page.after {
            let further = $table::$id.gt(id.as_str()).or($table::number.gt(*number));
            query = query.filter($table::$id.ge(id.as_str()).and(further));
        }
        let rows: Vec<(String, i64, Vec<u8>)> = query.load($conn).await?;
        let first = SecretVersion::FIRST.number();
        rows.into_iter().map(|(id, number, sealed)| (id, number, sealed, first, None)).collect()
    }};
}

async fn sealed(
    conn: &mut Conn,
    column: SealedColumn,
    page: &Page<SealedRow>,
) -> Result<Vec<Stored>, Failure> {
    Ok(match column {
        SealedColumn::AccountToken => of_accounts!(conn, page, sealed_token, token_version),
        SealedColumn::AccountNextToken => {
            of_accounts!(conn, page, sealed_next_token, next_token_version)
        }
        SealedColumn::AccountApiKey => {
            of_accounts!(conn, page, sealed_api_key_secret, api_key_version)
        }
        SealedColumn::AgentSecret => of_numbered!(conn, page, agent_secrets, agent_id),
        SealedColumn::SubscriptionSecret => {
            of_numbered!(conn, page, subscription_secrets, subscription_id)
        }
        SealedColumn::ChatKey => {
            let mut query = chat_keys::table
                .inner_join(agents::table.on(agents::id.eq(chat_keys::agent_id)))
                .filter(agents::message_chat.is_not_null())
                .select((
                    chat_keys::agent_id,
                    chat_keys::sealed,
                    chat_keys::version,
                    agents::message_chat,
                ))
                .order(chat_keys::agent_id)
                .limit(page.limit.into())
                .into_boxed::<Db>();
            if let Some(after) = &page.after {
                query = query.filter(chat_keys::agent_id.gt(after.id.as_str()));
            }
            let rows: Vec<(String, Vec<u8>, i64, Option<String>)> = query.load(conn).await?;
            rows.into_iter()
                .map(|(id, sealed, version, chat)| (id, 0, sealed, version, chat))
                .collect()
        }
    })
}

/// Replaces a column of `accounts` if it is still as it was read.
macro_rules! reseal_account {
    ($conn:ident, $known:ident, $sealed:ident, $column:ident, $version:ident) => {
        diesel::update(accounts::table.find(&$known.row.id))
            .filter(accounts::$column.eq($known.sealed.as_bytes()))
            .filter(accounts::$version.eq($known.sealed.version().number()))
            .set(accounts::$column.eq($sealed.as_bytes()))
            .execute($conn)
            .await?
    };
}

/// Replaces a secret of a table whose rows have a number, if it is still as it was read.
macro_rules! reseal_numbered {
    ($conn:ident, $known:ident, $sealed:ident, $table:ident) => {
        diesel::update($table::table.find((&$known.row.id, $known.row.number)))
            .filter($table::sealed.eq($known.sealed.as_bytes()))
            .set($table::sealed.eq($sealed.as_bytes()))
            .execute($conn)
            .await?
    };
}

async fn reseal(conn: &mut Conn, secrets: &[(StoredSecret, Sealed)]) -> Result<u64, Failure> {
    let mut resealed = 0;
    for (known, sealed) in secrets {
        resealed += match known.column {
            SealedColumn::AccountToken => {
                reseal_account!(conn, known, sealed, sealed_token, token_version)
            }
            SealedColumn::AccountNextToken => {
                reseal_account!(conn, known, sealed, sealed_next_token, next_token_version)
            }
            SealedColumn::AccountApiKey => {
                reseal_account!(conn, known, sealed, sealed_api_key_secret, api_key_version)
            }
            SealedColumn::AgentSecret => reseal_numbered!(conn, known, sealed, agent_secrets),
            SealedColumn::SubscriptionSecret => {
                reseal_numbered!(conn, known, sealed, subscription_secrets)
            }
            SealedColumn::ChatKey => {
                diesel::update(chat_keys::table.find(&known.row.id))
                    .filter(chat_keys::sealed.eq(known.sealed.as_bytes()))
                    .filter(chat_keys::version.eq(known.sealed.version().number()))
                    .set(chat_keys::sealed.eq(sealed.as_bytes()))
                    .execute(conn)
                    .await?
            }
        };
    }
    Ok(u64::try_from(resealed).unwrap_or(u64::MAX))
}
