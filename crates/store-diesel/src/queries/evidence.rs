//! By which token the requests of an account were verified. An index of each table leads to the last one.

use async_trait::async_trait;
use diesel::dsl::max;
use diesel::sql_types::Nullable;
use diesel::{ExpressionMethods as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::admission::Evidence;
use switchboard_domain::ports::{EvidenceStore, StoreError};
use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;

use super::dialect::{Conn, Db, Moment, Store, Ts};
use super::schema::{calls, messages};
use crate::failure::Failure;

#[async_trait]
impl EvidenceStore for Store {
    async fn last_seen(
        &self,
        account: AccountSid,
        evidence: Evidence,
    ) -> Result<Option<Timestamp>, StoreError> {
        self.read("evidence.last_seen", (account, evidence), |conn, (account, evidence)| {
            last_seen(conn, account.as_str(), *evidence).boxed()
        })
        .await
    }
}

async fn last_seen(
    conn: &mut Conn,
    account: &str,
    evidence: Evidence,
) -> Result<Option<Timestamp>, Failure> {
    let decided: Option<Moment> = last_call(account, evidence).first(conn).await?;
    let received: Option<Moment> = last_message(account, evidence).first(conn).await?;
    Ok(decided.into_iter().chain(received).map(|moment| moment.0).max())
}

pub(crate) fn last_call(
    account: &str,
    evidence: Evidence,
) -> calls::BoxedQuery<'_, Db, Nullable<Ts>> {
    calls::table
        .filter(calls::account_sid.eq(account))
        .filter(calls::evidence.eq(evidence.as_str()))
        .select(max(calls::decided_at))
        .into_boxed::<Db>()
}

pub(crate) fn last_message(
    account: &str,
    evidence: Evidence,
) -> messages::BoxedQuery<'_, Db, Nullable<Ts>> {
    messages::table
        .filter(messages::account_sid.eq(account))
        .filter(messages::evidence.eq(evidence.as_str()))
        .select(max(messages::received_at))
        .into_boxed::<Db>()
}
