//! Lists for operators, newest first, or oldest first for those who follow them.
//!
//! Each list is read in the order of an index: for one organization, an index that begins with the organization; for
//! operators, an index over all organizations. A filter by address, agent, plan or account first finds the organizations
//! that have such rows, reads a page of each, and merges the pages. The two sides of a call or message, and the spellings
//! of a number, are merged the same way.

use std::cmp::Reverse;

use diesel::sql_types::Text;
use diesel::{OptionalExtension as _, QueryDsl as _, sql_query};
use diesel_async::RunQueryDsl as _;
use switchboard_domain::history::HistoryFilter;
use switchboard_domain::organization::Scope;
use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;

use super::dialect::Conn;
use super::schema::{accounts, agents, organizations, routing_plans};
use crate::failure::Failure;

/// The year 9999: later than every row, and valid in both databases.
pub(super) const LATEST: Timestamp = Timestamp::from_seconds(253_370_764_800);

/// The order of a list. The indexes are read in both directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    NewestFirst,
    OldestFirst,
}

/// One page of a boxed query, newest first, within the period of a filter.
macro_rules! newest_page {
    ($query:expr, $table:ident, $place:tt, $filter:expr, $page:expr) => {
        ordered_page!($query, $table, $place, $filter, $page, super::newest::Order::NewestFirst)
    };
}

/// One page of a boxed query in an order, within the period of a filter.
macro_rules! ordered_page {
    ($query:expr, $table:ident, ($at:ident, $key:ident), $filter:expr, $page:expr, $order:expr) => {{
        let (period, page, order) = ($filter.period, $page, $order);
        let query = $query
            .select(diesel::SelectableHelper::as_select())
            .limit(page.limit.into());
        let mut query = match order {
            super::newest::Order::NewestFirst => query.order(($table::$at.desc(), $table::$key.desc())),
            super::newest::Order::OldestFirst => query.order(($table::$at.asc(), $table::$key.asc())),
        };
        // SQLite begins at the first bound of a column, so a later page, whose place is the tighter one, has no other.
        let behind = |wanted| page.after.as_ref().filter(|_| order == wanted).map(|(at, _)| *at);
        let since = period.since.filter(|since| {
            behind(super::newest::Order::OldestFirst).is_none_or(|at| at < *since)
        });
        if let Some(since) = since {
            query = query.filter($table::$at.ge(Moment(since)));
        }
        // Without any condition, SQLite sorts the whole table for a list of one or two entries, because it estimates the
        // sort as cheaper than the index.
        let until = period.until.or($filter.has_period_only().then_some(super::newest::LATEST));
        let until = until.filter(|until| {
            behind(super::newest::Order::NewestFirst).is_none_or(|at| at >= *until)
        });
        if let Some(until) = until {
            query = query.filter($table::$at.lt(Moment(until)));
        }
        query = match (&page.after, order) {
            (None, _) => query,
            (Some((at, key)), super::newest::Order::NewestFirst) => {
                let is_behind = $table::$at.lt(Moment(*at)).or($table::$key.lt(key.as_str()));
                query.filter($table::$at.le(Moment(*at))).filter(is_behind)
            }
            (Some((at, key)), super::newest::Order::OldestFirst) => {
                let is_behind = $table::$at.gt(Moment(*at)).or($table::$key.gt(key.as_str()));
                query.filter($table::$at.ge(Moment(*at))).filter(is_behind)
            }
        };
        super::planned_anew::PlannedAnew(query)
    }};
}

/// A condition on a text column that chooses the index.
macro_rules! leading {
    ($column:ident, $value:expr) => {{
        let [before, after] = super::dialect::LEADING;
        let condition = format!("{before}{} = ", stringify!($column));
        let condition = diesel::dsl::sql::<diesel::sql_types::Bool>(&condition);
        condition.bind::<diesel::sql_types::Text, _>($value).sql(after)
    }};
}

/// A condition on a text column. The first condition chooses the index; the others only filter its rows.
macro_rules! equal {
    ($query:ident, $is_led:ident, $table:ident, $column:ident, $value:expr) => {
        $query = if $is_led {
            let column = format!("{}{}", super::dialect::UNINDEXED, stringify!($column));
            let column =
                diesel::dsl::sql::<diesel::sql_types::Nullable<diesel::sql_types::Text>>(&column);
            $query.filter(column.eq($value))
        } else {
            $query.filter(leading!($column, $value))
        };
        $is_led = true;
    };
}

/// A boxed query of calls or messages, restricted by the columns that both have, most selective first. `is_led` is true
/// once a condition chooses the index.
macro_rules! selected {
    ($table:ident, $organization:expr, $filter:expr, $party:expr, $is_led:ident) => {{
        let (filter, party) = ($filter, $party);
        let mut query = $table::table.into_boxed::<Db>();
        if let Some(organization) = $organization {
            query = query.filter($table::organization_id.eq(organization));
        }
        match party {
            Party::Any => {}
            Party::From(text) => {
                equal!(query, $is_led, $table, from_address, text.clone());
            }
            Party::To(text) => {
                equal!(query, $is_led, $table, to_address, text.clone());
            }
        }
        if let Some(from) = filter.from.as_ref() {
            equal!(query, $is_led, $table, from_address, from.to_text());
        }
        if let Some(to) = filter.to.as_ref() {
            equal!(query, $is_led, $table, to_address, to.to_text());
        }
        if let Some(agent) = filter.agent.as_ref() {
            equal!(query, $is_led, $table, agent_id, agent.as_str().to_owned());
        }
        if let Some(plan) = filter.plan.as_ref() {
            equal!(query, $is_led, $table, plan_id, plan.as_str().to_owned());
        }
        if let Some(account) = filter.account.as_ref() {
            equal!(query, $is_led, $table, account_sid, account.as_str().to_owned());
        }
        query
    }};
}

/// The query restricted by the reason.
macro_rules! with_reason {
    ($query:expr, $table:ident, $filter:expr, $is_led:ident) => {{
        let mut query = $query;
        if let Some(reason) = $filter.reason {
            equal!(query, $is_led, $table, reason, reason.as_str().to_owned());
        }
        let _no_more = $is_led;
        query
    }};
}

/// The organizations that have a row with an address on a side.
macro_rules! organizations_with {
    ($conn:ident, $table:ident, $side:ident, $text:expr) => {{
        let rows = $table::table
            .filter($table::organization_id.eq(organizations::id))
            .filter($table::$side.eq($text));
        organizations::table
            .select(organizations::id)
            .filter(diesel::dsl::exists(rows))
            .load::<String>($conn)
            .await?
    }};
}

/// The parts of a list of a scope and a filter: each is a page of one organization, or of all, in the order of an index.
macro_rules! parts {
    ($conn:ident, $table:ident, $scope:expr, $filter:expr) => {{
        let known = owners($conn, $scope, $filter).await?;
        let mut parts = Vec::new();
        for party in parties($filter) {
            let owners = match (&known, &party) {
                (Owners::These(owners), _) => owners.clone(),
                (Owners::All, Party::From(text)) => {
                    organizations_with!($conn, $table, from_address, text)
                }
                (Owners::All, Party::To(text)) => {
                    organizations_with!($conn, $table, to_address, text)
                }
                (Owners::All, Party::Any) => match ($filter.from.as_ref(), $filter.to.as_ref()) {
                    (Some(from), _) => {
                        organizations_with!($conn, $table, from_address, from.to_text())
                    }
                    (None, Some(to)) => {
                        organizations_with!($conn, $table, to_address, to.to_text())
                    }
                    (None, None) => {
                        parts.push((None, party));
                        continue;
                    }
                },
            };
            parts.extend(owners.into_iter().map(|owner| (Some(owner), party.clone())));
        }
        parts
    }};
}

/// The side of a call or message that an address is on.
#[derive(Clone, Debug)]
pub(crate) enum Party {
    /// Any address.
    Any,
    /// The caller or sender.
    From(String),
    /// The called number or the recipient.
    To(String),
}

/// The parts of a filtered list: a number can be on both sides, in each of its spellings.
pub(super) fn parties(filter: &HistoryFilter) -> Vec<Party> {
    let Some(number) = filter.number else { return vec![Party::Any] };
    let spellings = HistoryFilter::spellings(number);
    let both = |text: String| [Party::From(text.clone()), Party::To(text)];
    spellings.into_iter().flat_map(both).collect()
}

/// The organizations whose rows a list contains.
pub(super) enum Owners {
    /// All organizations.
    All,
    /// Only these organizations.
    These(Vec<String>),
}

/// The organizations whose rows a list can contain, according to the scope and to the owners of the agents, plans and
/// accounts in the filter.
pub(super) async fn owners(
    conn: &mut Conn,
    scope: &Scope,
    filter: &HistoryFilter,
) -> Result<Owners, Failure> {
    if let Some(own) = super::only(scope) {
        return Ok(Owners::These(vec![own.to_owned()]));
    }
    let owner: Option<String> = if let Some(agent) = &filter.agent {
        let agent = agents::table.find(agent.as_str()).select(agents::organization_id);
        agent.first(conn).await.optional()?
    } else if let Some(plan) = &filter.plan {
        let plan = routing_plans::table.find(plan.as_str()).select(routing_plans::organization_id);
        plan.first(conn).await.optional()?
    } else if let Some(account) = &filter.account {
        owner_of_account(conn, *account).await?
    } else {
        return Ok(Owners::All);
    };
    match owner {
        Some(owner) => Ok(Owners::These(vec![owner])),
        // It was removed, so its organization is unknown, and the rows of all organizations are searched.
        None => Ok(Owners::These(organizations(conn).await?)),
    }
}

/// The organization of an account.
pub(super) async fn owner_of_account(
    conn: &mut Conn,
    account: AccountSid,
) -> Result<Option<String>, Failure> {
    let account = accounts::table.find(account.as_str()).select(accounts::organization_id);
    Ok(account.first(conn).await.optional()?)
}

/// All organizations.
pub(super) async fn organizations(conn: &mut Conn) -> Result<Vec<String>, Failure> {
    Ok(organizations::table.select(organizations::id).load(conn).await?)
}

/// The account of a call or message that the scope covers.
#[derive(diesel::QueryableByName)]
struct AccountOf {
    #[diesel(sql_type = Text)]
    account_sid: String,
}

/// Finds the account of a SID. An index that begins with the SID would write another page for each new row, because SIDs
/// are random. Instead, one query looks up the primary key (account, SID) for each account, and reads the distinct
/// accounts from an index by a skip scan.
pub(super) async fn account_of(
    conn: &mut Conn,
    table: &'static str,
    scope: &Scope,
    sid: &str,
) -> Result<Option<String>, Failure> {
    let own = super::only(scope);
    // SQLite numbers parameters in the order in which they occur.
    let (covered, sid_parameter) =
        if own.is_some() { ("organization_id = $1", "$2") } else { ("1 = 1", "$1") };
    let query = sql_query(format!(
        "WITH RECURSIVE known (account_sid) AS (\
         SELECT min(account_sid) FROM {table} WHERE {covered} UNION ALL \
         SELECT (SELECT min(account_sid) FROM {table} WHERE {covered} AND account_sid > known.account_sid) \
         FROM known WHERE known.account_sid IS NOT NULL) \
         SELECT {table}.account_sid FROM known \
         JOIN {table} ON {table}.account_sid = known.account_sid AND {table}.sid = {sid_parameter} LIMIT 1"
    ));
    let found: Option<AccountOf> = match own {
        Some(own) => {
            let query = query.bind::<Text, _>(own).bind::<Text, _>(sid);
            query.get_result(conn).await.optional()?
        }
        None => query.bind::<Text, _>(sid).get_result(conn).await.optional()?,
    };
    Ok(found.map(|found| found.account_sid))
}

/// Merges the pages of several parts, without duplicates.
pub(super) fn merged<R, K: Ord>(
    mut rows: Vec<R>,
    limit: u32,
    key: impl Fn(&R) -> K,
    order: Order,
) -> Vec<R> {
    match order {
        Order::NewestFirst => rows.sort_by_cached_key(|row| Reverse(key(row))),
        Order::OldestFirst => rows.sort_by_cached_key(&key),
    }
    rows.dedup_by(|one, two| key(one) == key(two));
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    rows
}
