//! Message targets of agents that do not exist any more.

use diesel::dsl::sql;
use diesel::sql_types::{Nullable, Text};
use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use switchboard_domain::audit::{Action, Author, ObjectRef};
use switchboard_domain::identifier::AgentId;
use switchboard_domain::organization::Scope;
use switchboard_domain::time::Timestamp;
use switchboard_domain::web_address::WebUrl;

use super::agents::must_cover;
use super::audited::Audited;
use super::covers;
use super::dialect::{Conn, Moment, Ts};
use super::schema::agents;
use crate::failure::Failure;

/// The endpoint of an agent that receives messages, whatever its kind.
macro_rules! target {
    () => {
        "COALESCE(message_webhook, message_twilio, message_chat)"
    };
}

/// When the target that an agent has now answered 410; null if it did not.
pub(super) const GONE_SINCE: &str =
    concat!("CASE WHEN gone_target = ", target!(), " THEN gone_at END");

/// Remembers that the target of an agent answered 410, unless the agent has another one now. Returns whether it has this one.
pub(super) async fn target_is_gone(
    conn: &mut Conn,
    agent: &str,
    endpoint: &WebUrl,
    at: Timestamp,
) -> Result<bool, Failure> {
    let remembered = diesel::update(agents::table.find(agent))
        .filter(sql::<Nullable<Text>>(target!()).eq(endpoint.as_str()))
        .set((agents::gone_target.eq(endpoint.as_str()), agents::gone_at.eq(Moment(at))))
        .execute(conn)
        .await?;
    Ok(remembered == 1)
}

pub(super) async fn gone_since(
    conn: &mut Conn,
    scope: &Scope,
    agent: &str,
) -> Result<Option<Timestamp>, Failure> {
    let query = agents::table
        .find(agent)
        .select((agents::organization_id, sql::<Nullable<Ts>>(GONE_SINCE)));
    let found: Option<(String, Option<Moment>)> = query.first(conn).await.optional()?;
    let covered = found.filter(|(owner, _)| covers(scope, owner));
    Ok(covered.and_then(|(_, at)| at).map(|at| at.0))
}

pub(super) async fn enable_target(
    conn: &mut Conn,
    author: &Author,
    agent: &AgentId,
) -> Result<(), Failure> {
    must_cover(conn, author, agent.as_str()).await?;
    let audited = Audited::begin(conn, ObjectRef::agent(agent)).await?;
    diesel::update(agents::table.find(agent.as_str()))
        .set((agents::gone_target.eq(None::<String>), agents::gone_at.eq(None::<Moment>)))
        .execute(conn)
        .await?;
    audited.end(conn, author, Action::AgentTargetEnabled).await
}
