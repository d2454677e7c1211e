//! Reads every row of a restored archive as the program reads it later, so that no archive brings rows that nothing can use.

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
    each!(api_keys as KeyRow, ApiKey::try_from);
    each!(consents as ConsentRow, |row| consent(&row));
    let versions: Vec<(PlanRow, VersionRow)> = routing_plans::table
        .inner_join(
            routing_plan_versions::table.on(routing_plan_versions::plan_id.eq(routing_plans::id)),
        )
        .select((PlanRow::as_select(), VersionRow::as_select()))
        .load(conn)
        .await?;
    versions.into_iter().try_for_each(|row| saved(row).map(|_| ()))?;
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
