//! Rejections, as operators look them up.

use async_trait::async_trait;
use diesel::{BoolExpressionMethods as _, ExpressionMethods as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::history::{RejectionFilter, RejectionPlace};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{Page, RejectionHistory, StoreError};
use switchboard_domain::rejection::Rejection;
use switchboard_domain::time::Timestamp;

use super::dialect::{Conn, Db, Moment, Store};
use super::newest::{Order, merged, organizations, owner_of_account};
use super::only;
use super::planned_anew::PlannedAnew;
use super::rejections::RejectionRow;
use super::schema::rejections;
use crate::failure::Failure;
use crate::unreadable::{readable_page, stored_page};

#[async_trait]
impl RejectionHistory for Store {
    async fn newest_rejections(
        &self,
        scope: &Scope,
        filter: &RejectionFilter,
        page: &Page<RejectionPlace>,
    ) -> Result<Vec<Rejection>, StoreError> {
        readable_page(
            stored_page(page, |(at, id)| (*at, id.as_str().to_owned())),
            place,
            Rejection::try_from,
            |page| {
                let wanted = (scope.clone(), filter.clone(), page);
                self.read("rejection.newest", wanted, |conn, (scope, filter, page)| {
                    newest(conn, scope, filter, page).boxed()
                })
            },
        )
        .await
    }
}

fn place(row: &RejectionRow) -> (Timestamp, String) {
    (row.at.0, row.id.clone())
}

async fn newest(
    conn: &mut Conn,
    scope: &Scope,
    filter: &RejectionFilter,
    page: &Page<(Timestamp, String)>,
) -> Result<Vec<RejectionRow>, Failure> {
    let owners = match (only(scope), filter.account) {
        (Some(own), _) => vec![Owner::Organization(own.to_owned())],
        (None, None) => vec![Owner::Any],
        (None, Some(account)) => {
            let owners = match owner_of_account(conn, account).await? {
                Some(owner) => vec![owner],
                None => organizations(conn).await?,
            };
            owners.into_iter().map(Owner::Organization).chain([Owner::Nobody]).collect()
        }
    };
    let mut rows: Vec<RejectionRow> = Vec::new();
    for owner in owners {
        let query = rejections_in(&owner, filter, page);
        rows.extend(query.load(conn).await?);
    }
    Ok(merged(rows, page.limit, place, Order::NewestFirst))
}

type Rejections<'a> = diesel::dsl::IntoBoxed<
    'a,
    diesel::dsl::Select<rejections::table, diesel::dsl::AsSelect<RejectionRow, Db>>,
    Db,
>;

/// Whose rejections a part of a list contains.
pub(crate) enum Owner {
    Any,
    Organization(String),
    /// Of accounts that were unknown, which only operators see.
    Nobody,
}

pub(crate) fn rejections_in<'a>(
    owner: &'a Owner,
    filter: &'a RejectionFilter,
    page: &'a Page<(Timestamp, String)>,
) -> PlannedAnew<Rejections<'a>> {
    let mut query = rejections::table.into_boxed::<Db>();
    query = match owner {
        Owner::Any => query,
        Owner::Organization(owner) => query.filter(rejections::organization_id.eq(owner)),
        Owner::Nobody => query.filter(rejections::organization_id.is_null()),
    };
    if let Some(account) = filter.account.as_ref() {
        query = query.filter(leading!(account_sid, account.as_str()));
    }
    query = match filter.refusal {
        None => query,
        Some(refusal) if filter.account.is_some() => {
            query.filter(rejections::refusal.eq(refusal.as_str()))
        }
        Some(refusal) => query.filter(leading!(refusal, refusal.as_str())),
    };
    newest_page!(query, rejections, (at, id), filter, page)
}
