//! Deletes old entries of the audit log.

use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;

use super::audit_schema::{audit, audit_head};
use super::dialect::{Conn, Moment};
use crate::failure::Failure;

/// The sequence number up to which entries are older. Only the oldest entries are deleted, up to the first one that is not older, so
/// that the rest is a chain.
async fn last_older(conn: &mut Conn, before: Moment) -> Result<i64, Failure> {
    let kept = audit::table
        .filter(audit::at.ge(before))
        .order(audit::sequence)
        .select(audit::sequence)
        .first::<i64>(conn)
        .await
        .optional()?;
    if let Some(kept) = kept {
        return Ok(kept - 1);
    }
    Ok(audit_head::table.select(audit_head::newest).first(conn).await?)
}

pub(super) async fn count_older(conn: &mut Conn, before: Moment) -> Result<i64, Failure> {
    let last = last_older(conn, before).await?;
    Ok(audit::table.filter(audit::sequence.le(last)).count().get_result(conn).await?)
}

/// The database deletes an entry only if the head says that it was let go.
pub(super) async fn delete_older(
    conn: &mut Conn,
    before: Moment,
    limit: i64,
) -> Result<usize, Failure> {
    let pruned: i64 = held!(audit_head::table.select(audit_head::pruned)).first(conn).await?;
    let last = last_older(conn, before).await?.min(pruned.saturating_add(limit));
    if last <= pruned {
        return Ok(0);
    }
    diesel::update(audit_head::table).set(audit_head::pruned.eq(last)).execute(conn).await?;
    Ok(diesel::delete(audit::table.filter(audit::sequence.le(last))).execute(conn).await?)
}
