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
    // `None` selects all organizations, `Some(None)` none: only operators see rejections of unknown accounts.
    let owners = match (only(scope), filter.account) {
        (Some(own), _) => vec![Some(Some(own.to_owned()))],
        (None, None) => vec![None],
        (None, Some(account)) => match owner_of_account(conn, account).await? {
            Some(owner) => vec![Some(Some(owner)), Some(None)],
            None => {
                organizations(conn).await?.into_iter().map(Some).chain([None]).map(Some).collect()
            }
        },
    };
    let mut rows: Vec<RejectionRow> = Vec::new();
    for owner in owners {
        let query = rejections_in(owner.as_ref().map(Option::as_deref), filter, page);
        rows.extend(query.load(conn).await?);
    }
    Ok(merged(rows, page.limit, place, Order::NewestFirst))
}

type Rejections<'a> = diesel::dsl::IntoBoxed<
    'a,
    diesel::dsl::Select<rejections::table, diesel::dsl::AsSelect<RejectionRow, Db>>,
    Db,
>;

/// The rejections of an organization, of none (`Some(None)`), or all (`None`).
pub(crate) fn rejections_in<'a>(
    owner: Option<Option<&'a str>>,
    filter: &'a RejectionFilter,
    page: &'a Page<(Timestamp, String)>,
) -> PlannedAnew<Rejections<'a>> {
    let mut query = rejections::table.into_boxed::<Db>();
    query = match owner {
        None => query,
        Some(Some(owner)) => query.filter(rejections::organization_id.eq(owner)),
        Some(None) => query.filter(rejections::organization_id.is_null()),
    };
    let mut is_led = false;
    if let Some(account) = filter.account.as_ref() {
        equal!(query, is_led, rejections, account_sid, account.as_str().to_owned());
    }
    if let Some(refusal) = filter.refusal {
        equal!(query, is_led, rejections, refusal, refusal.as_str().to_owned());
    }
    let _no_more = is_led;
    newest_page!(query, rejections, (at, id), filter, page)
}
