//! Who answers a number, and by which plan: one query, by the keys of four tables, without the prompt.

use std::sync::Arc;

use async_trait::async_trait;
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, JoinOnDsl as _,
    NullableExpressionMethods as _, OptionalExtension as _, QueryDsl as _, SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::identifier::PlanId;
use switchboard_domain::ports::{RouteStore, StoreError};
use switchboard_domain::routing::{Assigned, Route};
use switchboard_domain::sender::Sender;

use super::dialect::{Conn, Store};
use super::numbers::NumberRow;
use super::profiles::ProfileRow;
use super::schema::{accounts, agents, numbers, organizations};
use crate::decode::Row;
use crate::failure::Failure;

#[async_trait]
impl RouteStore for Store {
    async fn route(&self, sender: Sender) -> Result<Option<Route>, StoreError> {
        let found = self.read("route", sender, |conn, sender| find(conn, *sender).boxed()).await?;
        found.map(|(number, profile, plans)| route(number, profile, plans)).transpose()
    }
}

/// The plans of a number, of its account and of its organization.
type Plans = (Option<String>, Option<String>, Option<String>);

async fn find(
    conn: &mut Conn,
    sender: Sender,
) -> Result<Option<(NumberRow, Option<ProfileRow>, Plans)>, Failure> {
    let fallback = sender.fallback();
    let keys: Vec<&str> =
        std::iter::once(&sender).chain(fallback.as_ref()).map(Sender::as_str).collect();
    let agent = numbers::agent_id
        .eq(agents::id.nullable())
        .and(numbers::organization_id.eq(agents::organization_id));
    let plans = (numbers::plan_id, accounts::plan_id.nullable(), organizations::plan_id.nullable());
    let query = numbers::table
        .left_join(agents::table.on(agent))
        .left_join(accounts::table.on(accounts::sid.eq(numbers::account_sid)))
        .left_join(organizations::table.on(organizations::id.eq(numbers::organization_id)))
        .filter(numbers::phone_number.eq_any(keys))
        // A number sorts before its senders, which have a prefix.
        .order(numbers::phone_number.desc())
        .select((NumberRow::as_select(), Option::<ProfileRow>::as_select(), plans));
    Ok(query.first(conn).await.optional()?)
}

/// The key of the nearest plan, if there is one.
fn nearest(row: &NumberRow, plans: Plans) -> Result<Option<PlanId>, StoreError> {
    let (of_number, of_account, of_organization) = plans;
    let at = match (&of_number, &of_account) {
        (Some(_), _) => Row::masked("numbers", &row.phone_number),
        (None, Some(_)) => Row::new("accounts", &row.account_sid),
        (None, None) => Row::new("organizations", &row.organization_id),
    };
    let plan = of_number.or(of_account).or(of_organization);
    at.optional("plan_id", plan.as_deref(), PlanId::parse)
}

fn route(row: NumberRow, profile: Option<ProfileRow>, plans: Plans) -> Result<Route, StoreError> {
    let at = Row::masked("numbers", &row.phone_number);
    let assigned = match row.assignment()? {
        Some(assignment) => {
            // The foreign key keeps the agent while the number refers to it.
            let profile = at.filled("agent_id", profile)?;
            Some(Assigned {
                profile: Arc::new(profile.into_profile(assignment.agent.as_str())?),
                agent: assignment.agent,
                channels: assignment.channels,
            })
        }
        None => None,
    };
    let plan = nearest(&row, plans)?;
    let number = switchboard_domain::number::Number::try_from(row)?;
    Ok(Route {
        sender: number.sender,
        organization: number.organization,
        account: number.account,
        assigned,
        plan,
    })
}
