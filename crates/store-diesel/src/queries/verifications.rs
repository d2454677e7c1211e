//! By which token the requests of an account were verified. An index of each table leads to the last one.

use async_trait::async_trait;
use diesel::dsl::max;
use diesel::sql_types::Nullable;
use diesel::{ExpressionMethods as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::authentication::VerifiedBy;
use switchboard_domain::ports::{StoreError, VerificationStore};
use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;

use super::dialect::{Conn, Db, Moment, Store, Ts};
use super::schema::{calls, messages};
use crate::failure::Failure;

#[async_trait]
impl VerificationStore for Store {
    async fn last_seen(
        &self,
        account: AccountSid,
        verified_by: VerifiedBy,
    ) -> Result<Option<Timestamp>, StoreError> {
        self.read(
            "verified_by.last_seen",
            (account, verified_by),
            |conn, (account, verified_by)| last_seen(conn, account.as_str(), *verified_by).boxed(),
        )
        .await
    }
}

async fn last_seen(
    conn: &mut Conn,
    account: &str,
    verified_by: VerifiedBy,
) -> Result<Option<Timestamp>, Failure> {
    let decided: Option<Moment> = last_call(account, verified_by).first(conn).await?;
    let received: Option<Moment> = last_message(account, verified_by).first(conn).await?;
    Ok(decided.into_iter().chain(received).map(|moment| moment.0).max())
}

pub(crate) fn last_call(
    account: &str,
    verified_by: VerifiedBy,
) -> calls::BoxedQuery<'_, Db, Nullable<Ts>> {
    calls::table
        .filter(calls::account_sid.eq(account))
        .filter(calls::verified_by.eq(verified_by.as_str()))
        .select(max(calls::decided_at))
        .into_boxed::<Db>()
}

pub(crate) fn last_message(
    account: &str,
    verified_by: VerifiedBy,
) -> messages::BoxedQuery<'_, Db, Nullable<Ts>> {
    messages::table
        .filter(messages::account_sid.eq(account))
        .filter(messages::verified_by.eq(verified_by.as_str()))
        .select(max(messages::received_at))
        .into_boxed::<Db>()
}
