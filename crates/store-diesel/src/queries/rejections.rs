//! Refused requests.

use std::sync::Arc;

use async_trait::async_trait;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::{ExpressionMethods as _, QueryDsl as _, SelectableHelper as _};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::identifier::{OrganizationId, RejectionId};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{Page, RejectionStore, StoreError};
use switchboard_domain::rejection::{Endpoint, Refusal, Rejection};
use switchboard_domain::sid::{AccountSid, RecordSid};
use switchboard_domain::signature::NearMiss;

use super::dialect::{Conn, Db, Moment, Store, Ts};
use super::only;
use super::schema::rejections;
use super::upsert::execute;
use crate::decode::Row;
use crate::failure::Failure;
use crate::unreadable::{readable_page, stored_page};

upserts! {
    /// A rejection, as stored.
    pub(crate) struct RejectionRow in rejections {
        id: String as Text,
        organization_id: Option<String> as Nullable<Text>,
        endpoint: String as Text,
        refusal: String as Text,
        account_sid: Option<String> as Nullable<Text>,
        near_miss: Option<String> as Nullable<Text>,
        near_miss_url: Option<String> as Nullable<Text>,
        count: i64 as BigInt,
        at: Moment as Ts,
        sample_sid: Option<String> as Nullable<Text>,
    }

    /// Adds rejections. A rejection that is already stored is a retry of a writer that got no response.
    AddRejections = "ON CONFLICT (id) DO NOTHING";
}

impl From<&Rejection> for RejectionRow {
    fn from(rejection: &Rejection) -> Self {
        Self {
            id: rejection.id.as_str().to_owned(),
            organization_id: rejection.organization.as_ref().map(|id| id.as_str().to_owned()),
            endpoint: rejection.endpoint.as_str().to_owned(),
            refusal: rejection.refusal.as_str().to_owned(),
            account_sid: rejection.account.map(|sid| sid.as_str().to_owned()),
            near_miss: rejection.near_miss.as_ref().map(|near_miss| near_miss.as_str().to_owned()),
            near_miss_url: rejection
                .near_miss
                .as_ref()
                .and_then(NearMiss::public_url)
                .map(str::to_owned),
            count: rejection.count.into(),
            at: Moment(rejection.at),
            sample_sid: rejection.sample.map(|sid| sid.as_str().to_owned()),
        }
    }
}

impl TryFrom<RejectionRow> for Rejection {
    type Error = StoreError;

    fn try_from(row: RejectionRow) -> Result<Self, StoreError> {
        let at = Row::new("rejections", &row.id);
        Ok(Self {
            id: at.read("id", RejectionId::parse(&row.id))?,
            organization: at.optional(
                "organization_id",
                row.organization_id.as_deref(),
                OrganizationId::parse,
            )?,
            endpoint: at.word("endpoint", Endpoint::parse(&row.endpoint))?,
            refusal: at.word("refusal", Refusal::parse(&row.refusal))?,
            account: at.optional("account_sid", row.account_sid.as_deref(), AccountSid::parse)?,
            count: at.read("count", u32::try_from(row.count))?,
            at: row.at.0,
            sample: at.optional("sample_sid", row.sample_sid.as_deref(), RecordSid::parse)?,
            near_miss: match &row.near_miss {
                Some(word) => {
                    Some(at.word("near_miss", NearMiss::parse(word, row.near_miss_url.as_deref()))?)
                }
                None => None,
            },
        })
    }
}

#[async_trait]
impl RejectionStore for Store {
    async fn record(&self, rejections: &[Rejection]) -> Result<(), StoreError> {
        if rejections.is_empty() {
            return Ok(());
        }
        let rows: Arc<[RejectionRow]> = rejections.iter().map(RejectionRow::from).collect();
        self.write("rejection.record", rows, |conn, rows| record(conn, rows).boxed()).await
    }

    async fn list(
        &self,
        scope: &Scope,
        page: &Page<RejectionId>,
    ) -> Result<Vec<Rejection>, StoreError> {
        readable_page(
            stored_page(page, |key| key.as_str().to_owned()),
            |row: &RejectionRow| row.id.clone(),
            Rejection::try_from,
            |page| {
                self.read("rejection.list", (scope.clone(), page), |conn, (scope, page)| {
                    list(conn, scope, page).boxed()
                })
            },
        )
        .await
    }
}

async fn record(conn: &mut Conn, rows: &Arc<[RejectionRow]>) -> Result<(), Failure> {
    execute::<AddRejections>(conn, Arc::clone(rows)).await?;
    Ok(())
}

async fn list(
    conn: &mut Conn,
    scope: &Scope,
    page: &Page<String>,
) -> Result<Vec<RejectionRow>, Failure> {
    Ok(page_by_key!(rejections, id, scope, page)
        .select(RejectionRow::as_select())
        .load(conn)
        .await?)
}
