//! Lists for operators, newest first.
//!
//! Every index of these lists begins with the organization. So a list of several organizations, or of a number on either
//! side, is put together from the pages of its parts, each of which an index gives in order.

use std::cmp::Reverse;

use diesel::QueryDsl as _;
use diesel_async::RunQueryDsl as _;
use switchboard_domain::history::HistoryFilter;
use switchboard_domain::organization::Scope;

use super::dialect::Conn;
use super::schema::organizations;
use crate::failure::Failure;

/// One page of a boxed query, newest first, within a period.
macro_rules! newest_page {
    ($query:expr, $table:ident, ($at:ident, $key:ident), $period:expr, $page:expr) => {{
        let (period, page) = ($period, $page);
        let mut query = $query
            .select(diesel::SelectableHelper::as_select())
            .order(($table::$at.desc(), $table::$key.desc()))
            .limit(page.limit.into());
        if let Some(since) = period.since {
            query = query.filter($table::$at.ge(Moment(since)));
        }
        if let Some(until) = period.until {
            query = query.filter($table::$at.lt(Moment(until)));
        }
        if let Some((at, key)) = &page.after {
            let is_behind = $table::$at.lt(Moment(*at)).or($table::$key.lt(key.as_str()));
            query = query.filter($table::$at.le(Moment(*at))).filter(is_behind);
        }
        query
    }};
}

/// A boxed query of calls or messages, restricted by what both have.
macro_rules! selected {
    ($table:ident, $organization:expr, $filter:expr, $party:expr) => {{
        let (filter, party) = ($filter, $party);
        let mut query =
            $table::table.filter($table::organization_id.eq($organization)).into_boxed::<Db>();
        if let Some(from) = filter.from.as_ref() {
            query = query.filter($table::from_address.eq(from.to_text()));
        }
        if let Some(to) = filter.to.as_ref() {
            query = query.filter($table::to_address.eq(to.to_text()));
        }
        match party {
            Party::Any => {}
            Party::From(text) => query = query.filter($table::from_address.eq(text.as_str())),
            Party::To(text) => query = query.filter($table::to_address.eq(text.as_str())),
        }
        if let Some(account) = filter.account.as_ref() {
            query = query.filter($table::account_sid.eq(account.as_str()));
        }
        if let Some(agent) = filter.agent.as_ref() {
            query = query.filter($table::agent_id.eq(agent.as_str()));
        }
        if let Some(plan) = filter.plan.as_ref() {
            query = query.filter($table::plan_id.eq(plan.as_str()));
        }
        if let Some(reason) = filter.reason {
            query = query.filter($table::reason.eq(reason.as_str()));
        }
        query
    }};
}

/// The row of a SID, in the account that has it. SIDs are random, and no index begins with them: the primary key is
/// asked for each account.
macro_rules! row_by_sid {
    ($conn:ident, $table:ident, $Row:ident, $sid:expr) => {{
        let mut account = String::new();
        loop {
            let next: Option<String> = $table::table
                .select(diesel::dsl::min($table::account_sid))
                .filter($table::account_sid.gt(&account))
                .first($conn)
                .await?;
            let Some(next) = next else { break None };
            let query = $table::table.find((&next, $sid)).select($Row::as_select());
            if let Some(row) = query.first($conn).await.optional()? {
                break Some(row);
            }
            account = next;
        }
    }};
}

/// On which side an address is.
#[derive(Clone, Debug)]
pub(crate) enum Party {
    /// Whoever it is.
    Any,
    /// The caller or sender.
    From(String),
    /// Who was called or written to.
    To(String),
}

/// The parts of a list of a filter: a number is looked for on both sides, in each of its spellings.
pub(super) fn parties(filter: &HistoryFilter) -> Vec<Party> {
    let Some(number) = filter.number else { return vec![Party::Any] };
    let spellings = HistoryFilter::spellings(number);
    let both = |text: String| [Party::From(text.clone()), Party::To(text)];
    spellings.into_iter().flat_map(both).collect()
}

/// The organizations of a scope.
pub(super) async fn organizations(conn: &mut Conn, scope: &Scope) -> Result<Vec<String>, Failure> {
    match super::only(scope) {
        Some(own) => Ok(vec![own.to_owned()]),
        None => Ok(organizations::table.select(organizations::id).load(conn).await?),
    }
}

/// The newest of the pages of several parts, each once.
pub(super) fn merged<R, K: Ord>(mut rows: Vec<R>, limit: u32, key: impl Fn(&R) -> K) -> Vec<R> {
    rows.sort_by_cached_key(|row| Reverse(key(row)));
    rows.dedup_by(|one, two| key(one) == key(two));
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    rows
}
