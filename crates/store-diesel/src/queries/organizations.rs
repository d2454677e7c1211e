//! Organizations.

use async_trait::async_trait;
use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::agent::Label;
use switchboard_domain::audit::{Action, Author, ObjectKind, ObjectRef};
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::organization::{Organization, Scope};
use switchboard_domain::ports::{Entity, OrganizationStore, Page, StoreError};

use super::audited::Audited;
use super::dialect::{Conn, Db, Moment, Store};
use super::schema::{
    accounts, agents, api_keys, calendars, number_lists, organizations, routing_plans,
    subscriptions,
};
use super::{MISSING_ORGANIZATION, may_add, only};
use crate::decode::Row;
use crate::failure::{Failure, exists};
use crate::unreadable::{readable_page, stored_page};

/// An organization, as stored.
#[derive(Clone, Debug, diesel::Insertable, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = organizations, check_for_backend(Db))]
pub(super) struct OrganizationRow {
    id: String,
    name: String,
    created_at: Moment,
}

impl From<&Organization> for OrganizationRow {
    fn from(organization: &Organization) -> Self {
        Self {
            id: organization.id.as_str().to_owned(),
            name: organization.name.as_str().to_owned(),
            created_at: Moment(organization.created_at),
        }
    }
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

    async fn add(&self, author: &Author, organization: &Organization) -> Result<(), StoreError> {
        must_be_operator(author)?;
        let wanted = (author.clone(), OrganizationRow::from(organization));
        self.write("organization.add", wanted, |conn, (author, row)| add(conn, author, row).boxed())
            .await
    }

    async fn rename<'a>(
        &self,
        author: &Author,
        before: Option<&'a Organization>,
        organization: &Organization,
    ) -> Result<(), StoreError> {
        may_add(author, &organization.id)?;
        let wanted = (author.clone(), before.cloned(), OrganizationRow::from(organization));
        self.write("organization.rename", wanted, |conn, (author, before, row)| {
            rename(conn, author, before.as_ref(), row).boxed()
        })
        .await
    }

    async fn remove<'a>(
        &self,
        author: &Author,
        id: &OrganizationId,
        before: Option<&'a Organization>,
    ) -> Result<(), StoreError> {
        must_be_operator(author)?;
        let wanted = (author.clone(), id.as_str().to_owned(), before.cloned());
        self.write("organization.remove", wanted, |conn, (author, id, before)| {
            remove(conn, author, id, before.as_ref()).boxed()
        })
        .await
    }
}

/// Only the operator adds and removes organizations.
fn must_be_operator(scope: &Scope) -> Result<(), StoreError> {
    match scope {
        Scope::Operator => Ok(()),
        Scope::Organization(_) => Err(MISSING_ORGANIZATION),
    }
}

async fn add(conn: &mut Conn, author: &Author, row: &OrganizationRow) -> Result<(), Failure> {
    let audited = Audited::begin(conn, object(&row.id)).await?;
    let added = diesel::insert_into(organizations::table).values(row).execute(conn).await;
    added.map_err(exists(Entity::Organization))?;
    audited.end(conn, author, Action::OrganizationAdded).await
}

fn object(id: &str) -> ObjectRef {
    ObjectRef::new(ObjectKind::Organization, id)
}

/// An organization is still as the caller read it, and stays so until the transaction ends. Nothing is added to it until then,
/// because its row is held.
async fn must_be_as(
    conn: &mut Conn,
    id: &str,
    before: Option<&Organization>,
) -> Result<(), Failure> {
    let query = held!(organizations::table.find(id).select(OrganizationRow::as_select()));
    let found: Option<OrganizationRow> = query.first(conn).await.optional()?;
    let found = found.ok_or(MISSING_ORGANIZATION)?;
    if before.is_none_or(|before| before.name.as_str() == found.name) {
        Ok(())
    } else {
        Err(StoreError::Changed { entity: Entity::Organization }.into())
    }
}

async fn rename(
    conn: &mut Conn,
    author: &Author,
    before: Option<&Organization>,
    row: &OrganizationRow,
) -> Result<(), Failure> {
    must_be_as(conn, &row.id, before).await?;
    let audited = Audited::begin(conn, object(&row.id)).await?;
    diesel::update(organizations::table.find(&row.id))
        .set(organizations::name.eq(&row.name))
        .execute(conn)
        .await?;
    audited.end(conn, author, Action::OrganizationRenamed).await
}

/// Whether a table has a row of an organization.
macro_rules! owns {
    ($table:ident, $conn:expr, $id:expr) => {{
        let rows = $table::table.filter($table::organization_id.eq($id));
        diesel::select(diesel::dsl::exists(rows)).get_result::<bool>($conn).await?
    }};
}

async fn remove(
    conn: &mut Conn,
    author: &Author,
    id: &str,
    before: Option<&Organization>,
) -> Result<(), Failure> {
    must_be_as(conn, id, before).await?;
    let audited = Audited::begin(conn, object(id)).await?;
    diesel::delete(api_keys::table)
        .filter(api_keys::organization_id.eq(id))
        .filter(api_keys::revoked_at.is_not_null())
        .execute(conn)
        .await?;
    let owned = if owns!(accounts, conn, id) {
        Some(Entity::Account)
    } else if owns!(agents, conn, id) {
        Some(Entity::Agent)
    } else if owns!(routing_plans, conn, id) {
        Some(Entity::Plan)
    } else if owns!(calendars, conn, id) {
        Some(Entity::Calendar)
    } else if owns!(number_lists, conn, id) {
        Some(Entity::List)
    } else if owns!(subscriptions, conn, id) {
        Some(Entity::Subscription)
    } else if owns!(api_keys, conn, id) {
        Some(Entity::ApiKey)
    } else {
        None
    };
    if let Some(by) = owned {
        return Err(StoreError::InUse { entity: Entity::Organization, by }.into());
    }
    diesel::delete(organizations::table.find(id)).execute(conn).await?;
    audited.end(conn, author, Action::OrganizationRemoved).await
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
