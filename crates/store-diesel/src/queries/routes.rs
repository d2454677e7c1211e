//! Who answers a number: one query, by the keys of two tables, without the prompt.

use std::sync::Arc;

use async_trait::async_trait;
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, JoinOnDsl as _,
    NullableExpressionMethods as _, OptionalExtension as _, QueryDsl as _, SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::{RouteStore, StoreError};
use switchboard_domain::routing::{Assigned, Route};

use super::dialect::{Conn, Store};
use super::numbers::NumberRow;
use super::profiles::ProfileRow;
use super::schema::{agents, numbers};
use crate::cell::Row;
use crate::failure::Failure;

#[async_trait]
impl RouteStore for Store {
    async fn route(&self, phone_number: PhoneNumber) -> Result<Option<Route>, StoreError> {
        let found =
            self.read("route", phone_number, |conn, number| find(conn, *number).boxed()).await?;
        found.map(|(number, profile)| route(number, profile)).transpose()
    }
}

async fn find(
    conn: &mut Conn,
    phone_number: PhoneNumber,
) -> Result<Option<(NumberRow, Option<ProfileRow>)>, Failure> {
    let agent = numbers::agent_id
        .eq(agents::id.nullable())
        .and(numbers::organization_id.eq(agents::organization_id));
    let query = numbers::table
        .left_join(agents::table.on(agent))
        .filter(numbers::phone_number.eq(phone_number.as_str()))
        .select((NumberRow::as_select(), Option::<ProfileRow>::as_select()));
    Ok(query.first(conn).await.optional()?)
}

fn route(row: NumberRow, profile: Option<ProfileRow>) -> Result<Route, StoreError> {
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
    let number = switchboard_domain::number::Number::try_from(row)?;
    Ok(Route {
        phone_number: number.phone_number,
        organization: number.organization,
        account: number.account,
        assigned,
        plan: None,
    })
}
