//! Organizations.

use async_trait::async_trait;
use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::agent::Label;
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::organization::{Organization, Scope};
use switchboard_domain::ports::{OrganizationStore, Page, StoreError};

use super::dialect::{Conn, Db, Moment, Store};
use super::only;
use super::schema::organizations;
use crate::decode::Row;
use crate::failure::Failure;
use crate::unreadable::{readable_page, stored_page};

/// An organization, as stored.
#[derive(Debug, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = organizations, check_for_backend(Db))]
struct OrganizationRow {
    id: String,
    name: String,
    created_at: Moment,
}

impl TryFrom<OrganizationRow> for Organization {
    type Error = StoreError;

    fn try_from(row: OrganizationRow) -> Result<Self, StoreError> {
        let at = Row::new("organizations", &row.id);
        Ok(Self {
            id: at.read("id", OrganizationId::parse(&row.id))?,
            name: at.read("name", Label::parse(&row.name))?,
            created_at: row.created_at.0,
        })
    }
}

#[async_trait]
impl OrganizationStore for Store {
    async fn find(
        &self,
        scope: &Scope,
        id: &OrganizationId,
    ) -> Result<Option<Organization>, StoreError> {
        if !scope.covers(id) {
            return Ok(None);
        }
        let id = id.as_str().to_owned();
        let found = self.read("organization.find", id, |conn, id| find(conn, id).boxed());
        found.await?.map(Organization::try_from).transpose()
    }

    async fn list(
        &self,
        scope: &Scope,
        page: &Page<OrganizationId>,
    ) -> Result<Vec<Organization>, StoreError> {
        readable_page(
            stored_page(page, |id| id.as_str().to_owned()),
            |row: &OrganizationRow| row.id.clone(),
            Organization::try_from,
            |page| {
                self.read("organization.list", (scope.clone(), page), |conn, (scope, page)| {
                    list(conn, scope, page).boxed()
                })
            },
        )
        .await
    }
}

async fn find(conn: &mut Conn, id: &str) -> Result<Option<OrganizationRow>, Failure> {
    let query = organizations::table.find(id).select(OrganizationRow::as_select());
    Ok(query.first(conn).await.optional()?)
}

async fn list(
    conn: &mut Conn,
    scope: &Scope,
    page: &Page<String>,
) -> Result<Vec<OrganizationRow>, Failure> {
    let mut query = organizations::table
        .order(organizations::id)
        .limit(page.limit.into())
        .select(OrganizationRow::as_select())
        .into_boxed::<Db>();
    if let Some(own) = only(scope) {
        query = query.filter(organizations::id.eq(own.to_owned()));
    }
    if let Some(after) = &page.after {
        query = query.filter(organizations::id.gt(after.as_str()));
    }
    Ok(query.load(conn).await?)
}
