//! Reads every row of a restored archive as the program reads it later, so that no archive brings rows that nothing can use.

use std::collections::HashSet;

use diesel::{ExpressionMethods as _, JoinOnDsl as _, QueryDsl as _, SelectableHelper as _};
use diesel_async::RunQueryDsl as _;
use switchboard_domain::account::Account;
use switchboard_domain::agent::Agent;
use switchboard_domain::api_key::ApiKey;
use switchboard_domain::organization::{Organization, Scope};
use switchboard_domain::ports::{CatalogueAgent, ConfiguredNumber, NumberFilter, Page};
use switchboard_domain::subscription::Subscription;

use super::accounts::AccountRow;
use super::agents::AgentRow;
use super::api_keys::KeyRow;
use super::consents::{ConsentRow, consent};
use super::dialect::Conn;
use super::limits::LimitedRow;
use super::organizations::OrganizationRow;
use super::plans::{PlanRow, VersionRow, saved};
use super::schema::{
    accounts, agents, api_keys, calendars, consents, number_list_entries, number_lists,
    organizations, routing_plan_versions, routing_plans, subscriptions,
};
use super::subscriptions::SubscriptionRow;
use super::{catalogue, configurations, public_url};
use crate::decode::Row;
use crate::failure::Failure;

/// Fails with the first row that cannot become a value of the domain.
pub(super) async fn check(conn: &mut Conn) -> Result<(), Failure> {
    macro_rules! each {
        ($table:ident as $row:ty, $read:expr) => {{
            let rows: Vec<$row> = $table::table.select(<$row>::as_select()).load(conn).await?;
            rows.into_iter().try_for_each(|row| $read(row).map(|_| ()))?;
        }};
    }
    each!(organizations as OrganizationRow, Organization::try_from);
    each!(accounts as AccountRow, Account::try_from);
    each!(agents as AgentRow, Agent::try_from);
    each!(agents as LimitedRow, CatalogueAgent::try_from);
    each!(subscriptions as SubscriptionRow, Subscription::try_from);
    each!(api_keys as KeyRow, |row: KeyRow| {
        row.digest()?;
        ApiKey::try_from(row)
    });
    each!(consents as ConsentRow, |row| consent(&row));
    plans(conn).await?;
    let days: Vec<(String, String)> =
        calendars::table.select((calendars::name, calendars::days)).load(conn).await?;
    days.iter().try_for_each(|(name, days)| catalogue::calendar((name, days)).map(|_| ()))?;
    let lists: Vec<String> = number_lists::table.select(number_lists::name).load(conn).await?;
    lists.iter().try_for_each(|name| catalogue::label("number_lists", name).map(|_| ()))?;
    let entries: Vec<(String, String)> = number_list_entries::table
        .select((number_list_entries::list_name, number_list_entries::phone_number))
        .load(conn)
        .await?;
    entries.iter().try_for_each(|(name, number)| catalogue::entry(name, number).map(|_| ()))?;
    if let Some(url) = public_url::find(conn).await? {
        public_url::decoded(&url)?;
    }
    numbers(conn).await
}

/// Plans with all their versions; the newest one has the name of its plan.
async fn plans(conn: &mut Conn) -> Result<(), Failure> {
    let versions: Vec<(PlanRow, VersionRow)> = routing_plans::table
        .inner_join(
            routing_plan_versions::table.on(routing_plan_versions::plan_id.eq(routing_plans::id)),
        )
        .select((PlanRow::as_select(), VersionRow::as_select()))
        .load(conn)
        .await?;
    versions.into_iter().try_for_each(|row| saved(row).map(|_| ()))?;
    let columns = (
        routing_plan_versions::plan_id,
        routing_plan_versions::version,
        routing_plan_versions::name,
    );
    let versions: Vec<(String, i64, String)> =
        routing_plan_versions::table.select(columns).load(conn).await?;
    let versions: HashSet<_> = versions.into_iter().collect();
    let columns = (routing_plans::id, routing_plans::version, routing_plans::name);
    let newest: Vec<(String, i64, String)> =
        routing_plans::table.select(columns).load(conn).await?;
    match newest.iter().find(|plan| !versions.contains(plan)) {
        Some((id, ..)) => Row::new("routing_plans", id).read("version", Err(NoVersion))?,
        None => Ok(()),
    }
}

/// A plan whose newest version is not among the versions.
#[derive(Debug, thiserror::Error)]
#[error("there is no version of this number and name")]
struct NoVersion;

/// Numbers with their plans, page by page.
async fn numbers(conn: &mut Conn) -> Result<(), Failure> {
    const PAGE: u32 = 1_000;
    let mut page = Page::first(PAGE);
    loop {
        let filter = NumberFilter::default();
        let rows = configurations::list(conn, &Scope::Operator, &filter, &page).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        page = Page::behind(last.row.number.phone_number.clone(), PAGE);
        rows.into_iter().try_for_each(|row| ConfiguredNumber::try_from(row).map(|_| ()))?;
    }
}
