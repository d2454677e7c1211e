//! Which calls agents have. An index holds those calls and no others.

use async_trait::async_trait;
use diesel::dsl::{SqlTypeOf, sql};
use diesel::sql_types::{Bool, Nullable, Text};
use diesel::{BoolExpressionMethods as _, ExpressionMethods as _, QueryDsl as _, QueryableByName};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::call::CallKey;
use switchboard_domain::identifier::{AgentId, OrganizationId};
use switchboard_domain::ports::{LiveCallStore, StoreError};
use switchboard_domain::sid::{AccountSid, CallSid};
use switchboard_domain::time::Timestamp;

use super::dialect::{BOUND, Conn, Db, LAST_AGENT, Moment, Store};
use super::schema::calls;
use crate::decode::Row;
use crate::failure::Failure;
use crate::unreadable::readable_rows;

/// What the index says of a call that has not ended. SQLite takes an index only if the query says the same.
const NOT_ENDED: &str = "status_rank < 4";

#[async_trait]
impl LiveCallStore for Store {
    async fn live_calls(
        &self,
        after: Timestamp,
        most: u32,
    ) -> Result<Vec<(CallKey, AgentId)>, StoreError> {
        let rows = self
            .read("call.live", (after, most), |conn, (after, most)| {
                live_calls(conn, *after, *most).boxed()
            })
            .await?;
        let live = rows.into_iter().map(|(account, sid, agent)| {
            let at = Row::new("calls", &sid);
            let agent = at.filled("agent_id", agent)?;
            Ok((
                (
                    at.read("account_sid", AccountSid::parse(&account))?,
                    at.read("sid", CallSid::parse(&sid))?,
                ),
                at.read("agent_id", AgentId::parse(&agent))?,
            ))
        });
        let mut live = readable_rows(live)?;
        // There are few simulated calls, and the index does not know them.
        live.retain(|((_, call), _)| !call.is_simulated());
        Ok(live)
    }

    async fn live_calls_by_organization(
        &self,
        after: Timestamp,
        most: u32,
    ) -> Result<Vec<(OrganizationId, CallKey, AgentId)>, StoreError> {
        let rows = self
            .read("call.live_by_organization", (after, most), |conn, (after, most)| {
                equal_shares(conn, *after, *most).boxed()
            })
            .await?;
        let live = rows.into_iter().map(|row| {
            let at = Row::new("calls", &row.sid);
            let agent = at.filled("agent_id", row.holder)?;
            Ok((
                at.read("organization_id", OrganizationId::parse(&row.organization_id))?,
                (
                    at.read("account_sid", AccountSid::parse(&row.account_sid))?,
                    at.read("sid", CallSid::parse(&row.sid))?,
                ),
                at.read("agent_id", AgentId::parse(&agent))?,
            ))
        });
        let mut live = readable_rows(live)?;
        live.retain(|(_, (_, call), _)| !call.is_simulated());
        Ok(live)
    }
}

/// A live call of an organization.
#[derive(QueryableByName)]
struct LiveRow {
    #[diesel(sql_type = Text)]
    organization_id: String,
    #[diesel(sql_type = Text)]
    account_sid: String,
    #[diesel(sql_type = Text)]
    sid: String,
    #[diesel(sql_type = Nullable<Text>)]
    holder: Option<String>,
}

/// The live calls of each organization, numbered from the newest one. The condition is that of [`newest_live`], so that
/// the query uses the same index.
async fn equal_shares(
    conn: &mut Conn,
    after: Timestamp,
    most: u32,
) -> Result<Vec<LiveRow>, Failure> {
    let holder = format!("CASE WHEN attempts IS NULL THEN agent_id ELSE attempts{LAST_AGENT} END");
    let query = format!(
        "SELECT organization_id, account_sid, sid, holder FROM (\
            SELECT organization_id, account_sid, sid, decided_at, {holder} AS holder, \
            ROW_NUMBER() OVER (PARTITION BY organization_id ORDER BY decided_at DESC) AS place \
            FROM calls WHERE decided_at > {BOUND} AND agent_id IS NOT NULL \
            AND connection_ended_at IS NULL AND (status_rank IS NULL OR {NOT_ENDED}) \
            AND {holder} IS NOT NULL\
        ) AS live ORDER BY place, decided_at DESC LIMIT {most}"
    );
    let query = diesel::sql_query(query).bind::<SqlTypeOf<calls::decided_at>, _>(Moment(after));
    Ok(query.load(conn).await?)
}

async fn live_calls(
    conn: &mut Conn,
    after: Timestamp,
    most: u32,
) -> Result<Vec<(String, String, Option<String>)>, Failure> {
    Ok(newest_live(after, most).load(conn).await?)
}

/// The calls and who has them: the agent that was chosen, or that was tried last.
pub(crate) fn newest_live<'a>(
    after: Timestamp,
    most: u32,
) -> calls::BoxedQuery<'a, Db, (Text, Text, Nullable<Text>)> {
    let has_it = || {
        let last =
            format!("CASE WHEN attempts IS NULL THEN agent_id ELSE attempts{LAST_AGENT} END");
        sql::<Nullable<Text>>(&last)
    };
    calls::table
        .filter(calls::decided_at.gt(Moment(after)))
        .filter(calls::agent_id.is_not_null())
        .filter(calls::connection_ended_at.is_null())
        .filter(calls::status_rank.is_null().or(sql::<Nullable<Bool>>(NOT_ENDED)))
        .filter(has_it().is_not_null())
        .order(calls::decided_at.desc())
        .limit(most.into())
        .select((calls::account_sid, calls::sid, has_it()))
        .into_boxed::<Db>()
}

#[cfg(test)]
mod tests {
    use switchboard_domain::status::CallStatus;

    use super::NOT_ENDED;

    #[test]
    fn a_call_has_ended_from_the_state_on_that_the_index_names() {
        for status in CallStatus::ALL {
            assert_eq!(status.is_final(), status.rank() >= 4, "{status:?}");
        }
        assert!(NOT_ENDED.ends_with("< 4"));
    }
}
