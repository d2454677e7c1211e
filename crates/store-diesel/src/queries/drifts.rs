//! What checks found about numbers that drift.

use std::collections::{BTreeMap, HashMap};

use diesel::sql_types::Text;
use diesel::{
    ExpressionMethods as _, JoinOnDsl as _, NullableExpressionMethods as _, QueryDsl as _,
    SelectableHelper as _, TextExpressionMethods as _,
};
use diesel_async::RunQueryDsl as _;
use switchboard_domain::check_finding::{DriftFilter, DriftingNumber, FoundDrift, NumberFinding};
use switchboard_domain::number::Number;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{Page, StoreError};

use super::dialect::{Conn, Db, Moment, Ts};
use super::drifts_schema::drifts;
use super::numbers::NumberRow;
use super::only;
use super::schema::numbers;
use super::upsert::execute;
use crate::decode::Row;
use crate::failure::Failure;
use crate::json;

upserts! {
    /// What a check found about a number, as stored.
    pub(crate) struct FoundDriftRow in drifts {
        phone_number: String as Text,
        reasons: String as Text,
        changes: String as Text,
        blockers: String as Text,
        found_at: Moment as Ts,
    }

    /// Stores what the last check found.
    KeepFoundDrifts = "ON CONFLICT (phone_number) DO UPDATE SET reasons = excluded.reasons, \
        changes = excluded.changes, blockers = excluded.blockers, found_at = excluded.found_at";
}

/// A number that drifts, as it is read.
type DriftingRow = (NumberRow, Option<Moment>, Option<String>, Option<String>);

/// What this finding says, as it is stored.
fn row_of(found: &NumberFinding) -> Result<FoundDriftRow, StoreError> {
    let at = Row::masked("drifts", found.sender.as_str());
    let (changes, blockers) = at.read("changes", json::write_found_drift(&found.drift))?;
    let reasons =
        found.reasons.iter().fold(",".to_owned(), |all, reason| format!("{all}{reason},"));
    Ok(FoundDriftRow {
        phone_number: found.sender.as_str().to_owned(),
        reasons,
        changes,
        blockers,
        found_at: Moment(found.at),
    })
}

/// The rows of those findings of drift that are not stored yet, by number.
pub(super) async fn new_rows(
    conn: &mut Conn,
    found: &BTreeMap<&str, &NumberFinding>,
) -> Result<BTreeMap<String, FoundDriftRow>, Failure> {
    let drifting = found.iter().filter(|(_, one)| !one.reasons.is_empty());
    let mut rows = BTreeMap::new();
    for (key, one) in drifting {
        rows.insert((*key).to_owned(), row_of(one)?);
    }
    let keys: Vec<&str> = rows.keys().map(String::as_str).collect();
    let known = drifts::table.filter(drifts::phone_number.eq_any(keys)).select((
        drifts::phone_number,
        drifts::changes,
        drifts::blockers,
    ));
    let known: Vec<(String, String, String)> = known.load(conn).await?;
    let known: HashMap<_, _> =
        known.into_iter().map(|(key, changes, blockers)| (key, (changes, blockers))).collect();
    rows.retain(|key, row| {
        let is_known = |(changes, blockers): &(String, String)| {
            *changes == row.changes && *blockers == row.blockers
        };
        !known.get(key).is_some_and(is_known)
    });
    Ok(rows)
}

/// Stores findings, while their numbers are held.
pub(super) async fn keep(conn: &mut Conn, rows: Vec<FoundDriftRow>) -> Result<(), Failure> {
    if !rows.is_empty() {
        execute::<KeepFoundDrifts>(conn, rows.into()).await?;
    }
    Ok(())
}

/// One page of the numbers that drift.
pub(super) async fn rows(
    conn: &mut Conn,
    scope: &Scope,
    filter: &DriftFilter,
    page: &Page<String>,
) -> Result<Vec<DriftingRow>, Failure> {
    let mut query = numbers::table
        .left_join(drifts::table.on(drifts::phone_number.eq(numbers::phone_number)))
        .filter(numbers::drifting_since.is_not_null())
        .order(numbers::phone_number)
        .limit(page.limit.into())
        .select((
            NumberRow::as_select(),
            numbers::drifting_since,
            drifts::changes.nullable(),
            drifts::blockers.nullable(),
        ))
        .into_boxed::<Db>();
    if let Some(organization) = only(scope) {
        query = query.filter(numbers::organization_id.eq(organization));
    }
    if let Some(account) = filter.account {
        query = query.filter(numbers::account_sid.eq(account.as_str().to_owned()));
    }
    if let Some(reason) = filter.reason {
        query = query.filter(drifts::reasons.like(format!("%,{reason},%")).assume_not_null());
    }
    if let Some(after) = &page.after {
        query = query.filter(numbers::phone_number.gt(after.as_str()));
    }
    Ok(query.load(conn).await?)
}

/// The key of a row.
pub(super) fn key(row: &DriftingRow) -> String {
    row.0.phone_number.clone()
}

/// The number that a row is about.
pub(super) fn drifting(
    (row, since, changes, blockers): DriftingRow,
) -> Result<DriftingNumber, StoreError> {
    let key = row.phone_number.clone();
    let at = Row::masked("drifts", &key);
    let since = Row::masked("numbers", &key).filled("drifting_since", since)?;
    let changes = at.optional("changes", changes.as_deref(), json::read_found_changes)?;
    let blockers = at.optional("blockers", blockers.as_deref(), json::read_found_blockers)?;
    Ok(DriftingNumber {
        number: Number::try_from(row)?,
        since: since.0,
        drift: FoundDrift {
            changes: changes.unwrap_or_default(),
            blockers: blockers.unwrap_or_default(),
        },
    })
}
