//! Whether numbers drift and accounts can be read, as checks find. Changes are events.
//!
//! Only what has changed is held, and the condition is checked again once it is: of two who report the same, the second one
//! finds nothing to change. All hold the rows in the order of their keys, so that no two can wait for each other in a circle.

use std::collections::BTreeMap;

use async_trait::async_trait;
use diesel::sql_types::{Nullable, Text};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, QueryDsl as _, SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::check_finding::{
    AccountFinding, DriftFilter, DriftingNumber, NumberFinding, PreviousFinding,
};
use switchboard_domain::event::{event_of_account, event_of_number};
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::number::Number;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{CheckFindingStore, Page, StoreError};
use switchboard_domain::sender::Sender;

use super::configurations::TOGETHER;
use super::covers;
use super::dialect::{Conn, Moment, Store, Ts};
use super::drifts;
use super::events::add_events;
use super::numbers::NumberRow;
use super::schema::{accounts, numbers};
use super::update::execute;
use crate::decode::Row;
use crate::failure::Failure;
use crate::unreadable::{readable_page, stored_page};

updates! {
    /// Since when a number drifts.
    pub(crate) struct DriftRow in numbers {
        phone_number: String as Text,
        drifting_since: Option<Moment> as Nullable<Ts>,
    }

    /// Stores since when numbers drift.
    KeepDrift = "drifting_since = given.drifting_since",
        where "numbers.phone_number = given.phone_number";
}

#[async_trait]
impl CheckFindingStore for Store {
    async fn report_numbers(
        &self,
        scope: &Scope,
        found: &[NumberFinding],
    ) -> Result<(), StoreError> {
        for chunk in found.chunks(TOGETHER) {
            let wanted = (scope.clone(), chunk.to_vec());
            self.write("check_finding.report_numbers", wanted, |conn, (scope, found)| {
                report_numbers(conn, scope, found).boxed()
            })
            .await?;
        }
        Ok(())
    }

    async fn report_accounts(
        &self,
        scope: &Scope,
        found: &[AccountFinding],
    ) -> Result<(), StoreError> {
        for chunk in found.chunks(TOGETHER) {
            let wanted = (scope.clone(), chunk.to_vec());
            self.write("check_finding.report_accounts", wanted, |conn, (scope, found)| {
                report_accounts(conn, scope, found).boxed()
            })
            .await?;
        }
        Ok(())
    }

    async fn drifting(
        &self,
        scope: &Scope,
        filter: &DriftFilter,
        page: &Page<Sender>,
    ) -> Result<Vec<DriftingNumber>, StoreError> {
        readable_page(
            stored_page(page, |sender| sender.as_str().to_owned()),
            drifts::key,
            drifts::drifting,
            |page| {
                let wanted = (scope.clone(), filter.clone(), page);
                self.read("check_finding.drifting", wanted, |conn, (scope, filter, page)| {
                    drifts::rows(conn, scope, filter, page).boxed()
                })
            },
        )
        .await
    }
}

/// Stores the findings of no more than [`TOGETHER`](super::configurations::TOGETHER) numbers.
async fn report_numbers(
    conn: &mut Conn,
    scope: &Scope,
    found: &[NumberFinding],
) -> Result<(), Failure> {
    let found: BTreeMap<_, _> = found.iter().map(|one| (one.sender.as_str(), one)).collect();
    let (fine, drifting): (Vec<&str>, Vec<&str>) =
        found.keys().partition(|key| found.get(*key).is_some_and(|one| one.reasons.is_empty()));
    let mut anew = drifts::new_rows(conn, &found).await?;
    let keys: Vec<String> = anew.keys().cloned().collect();
    let changed = numbers::table
        .filter(
            numbers::phone_number
                .eq_any(drifting)
                .and(numbers::drifting_since.is_null())
                .or(numbers::phone_number.eq_any(fine).and(numbers::drifting_since.is_not_null()))
                .or(numbers::phone_number.eq_any(keys)),
        )
        .order(numbers::phone_number)
        .select((NumberRow::as_select(), numbers::observed_at, numbers::drifting_since));
    let changed: Vec<(NumberRow, Option<Moment>, Option<Moment>)> =
        held!(changed).load(conn).await?;
    let (mut rows, mut happened, mut details) = (Vec::new(), Vec::new(), Vec::new());
    for (row, observed_at, since) in changed {
        let one = found.get(&*row.phone_number).filter(|_| covers(scope, &row.organization_id));
        let Some(one) = one.filter(|one| observed_at.is_none_or(|seen| seen.0 <= one.at)) else {
            continue;
        };
        let (key, number) = (row.phone_number.clone(), Number::try_from(row)?);
        if number.assignment != one.assignment {
            continue;
        }
        details.extend(anew.remove(&key));
        if since.is_some() != one.reasons.is_empty() {
            continue;
        }
        let (organization, account) = (number.organization, number.account);
        // It has changed, so it was the other one before.
        let (previous, drifting_since) = if one.reasons.is_empty() {
            (PreviousFinding::Faulty, None)
        } else {
            (PreviousFinding::Healthy, Some(Moment(one.at)))
        };
        happened.extend(event_of_number(one, (&organization, account), previous));
        rows.push(DriftRow { phone_number: key, drifting_since });
    }
    if !rows.is_empty() {
        execute::<KeepDrift>(conn, rows.into()).await?;
    }
    drifts::keep(conn, details).await?;
    add_events(conn, &happened).await
}

/// Stores the findings of no more accounts at once.
async fn report_accounts(
    conn: &mut Conn,
    scope: &Scope,
    found: &[AccountFinding],
) -> Result<(), Failure> {
    let found: BTreeMap<_, _> = found.iter().map(|one| (one.account.as_str(), one)).collect();
    let (fine, unreachable): (Vec<&str>, Vec<&str>) =
        found.keys().partition(|key| found.get(*key).is_some_and(|one| one.unreachable.is_none()));
    let changed = accounts::table
        .filter(
            accounts::sid
                .eq_any(unreachable)
                .and(accounts::unreachable_since.is_null())
                .or(accounts::sid.eq_any(fine).and(accounts::unreachable_since.is_not_null())),
        )
        .order(accounts::sid)
        .select((accounts::sid, accounts::organization_id));
    let changed: Vec<(String, String)> = held!(changed).load(conn).await?;
    let mut happened = Vec::new();
    for (key, organization) in changed {
        let Some(one) = found.get(&*key).filter(|_| covers(scope, &organization)) else {
            continue;
        };
        let at = Row::new("accounts", &key);
        let organization = at.read("organization_id", OrganizationId::parse(&organization))?;
        let (previous, since) = match one.unreachable {
            None => (PreviousFinding::Faulty, None),
            Some(_) => (PreviousFinding::Healthy, Some(Moment(one.at))),
        };
        happened.extend(event_of_account(one, &organization, previous));
        diesel::update(accounts::table.find(&key))
            .set(accounts::unreachable_since.eq(since))
            .execute(conn)
            .await?;
    }
    add_events(conn, &happened).await
}
