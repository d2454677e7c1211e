//! Routing plans and their versions.

use async_trait::async_trait;
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, JoinOnDsl as _, OptionalExtension as _,
    QueryDsl as _, Queryable, Selectable, SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::agent::Label;
use switchboard_domain::audit::{Action, Author, ObjectKind, ObjectRef};
use switchboard_domain::identifier::{OrganizationId, PlanId};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{Change, Entity, Page, PlanStore, SavedPlan, StoreError};

use super::audited::Audited;
use super::dialect::{Conn, Db, Moment, Store};
use super::plan_places::{first_place, holder};
use super::schema::{routing_plan_versions, routing_plans};
use super::{changes, covers, may_add, only, organization_must_be_there};
use crate::decode::Row;
use crate::failure::{Failure, exists, in_use, missing};
use crate::unreadable::{readable_page, stored_page};

/// The row of a plan.
#[derive(Queryable, Selectable)]
#[diesel(table_name = routing_plans, check_for_backend(Db))]
pub(super) struct PlanRow {
    id: String,
    organization_id: String,
}

/// A version of a plan.
#[derive(Queryable, Selectable)]
#[diesel(table_name = routing_plan_versions, check_for_backend(Db))]
pub(super) struct VersionRow {
    version: i64,
    name: String,
    document: String,
    author: String,
    saved_at: Moment,
}

pub(super) fn saved((plan, version): (PlanRow, VersionRow)) -> Result<SavedPlan, StoreError> {
    let of_plan = Row::new("routing_plans", &plan.id);
    let of_version = Row::new("routing_plan_versions", &plan.id);
    Ok(SavedPlan {
        id: of_plan.read("id", PlanId::parse(&plan.id))?,
        organization: of_plan
            .read("organization_id", OrganizationId::parse(&plan.organization_id))?,
        name: of_version.read("name", Label::parse(&version.name))?,
        version: of_version.read("version", u32::try_from(version.version))?,
        document: version.document.into(),
        author: of_version.read("author", Label::parse(&version.author))?,
        saved_at: version.saved_at.0,
    })
}

#[async_trait]
impl PlanStore for Store {
    async fn save(&self, author: &Author, plan: &SavedPlan) -> Result<(), StoreError> {
        may_add(author, &plan.organization)?;
        let wanted = (author.clone(), plan.clone());
        self.write("plan.save", wanted, |conn, (author, plan)| save(conn, author, plan).boxed())
            .await
    }

    async fn find(&self, scope: &Scope, word: &Label) -> Result<Option<SavedPlan>, StoreError> {
        let wanted = (scope.clone(), word.clone());
        let found = self
            .read("plan.find", wanted, |conn, (scope, word)| find(conn, scope, word).boxed())
            .await?;
        found.map(saved).transpose()
    }

    async fn list(&self, scope: &Scope, page: &Page<PlanId>) -> Result<Vec<SavedPlan>, StoreError> {
        readable_page(
            stored_page(page, |key| key.as_str().to_owned()),
            |row: &(PlanRow, VersionRow)| row.0.id.clone(),
            saved,
            |page| {
                self.read("plan.list", (scope.clone(), page), |conn, (scope, page)| {
                    list(conn, scope, page).boxed()
                })
            },
        )
        .await
    }

    async fn versions(
        &self,
        scope: &Scope,
        id: &PlanId,
        page: &Page<u32>,
    ) -> Result<Vec<SavedPlan>, StoreError> {
        readable_page(
            stored_page(page, |version| i64::from(*version)),
            |(_, version): &(PlanRow, VersionRow)| version.version,
            saved,
            |page| {
                let wanted = (scope.clone(), id.clone(), page);
                self.read("plan.versions", wanted, |conn, (scope, id, page)| {
                    versions(conn, scope, id, page).boxed()
                })
            },
        )
        .await
    }

    async fn remove(&self, author: &Author, id: &PlanId) -> Result<(), StoreError> {
        let wanted = (author.clone(), id.clone());
        self.write("plan.remove", wanted, |conn, (author, id)| remove(conn, author, id).boxed())
            .await
    }
}

const EXISTS: StoreError = StoreError::Exists { entity: Entity::Plan };
pub(super) const MISSING: StoreError = StoreError::Missing { entity: Entity::Plan };

async fn save(conn: &mut Conn, author: &Author, plan: &SavedPlan) -> Result<(), Failure> {
    organization_must_be_there(conn, plan.organization.as_str()).await?;
    let object = ObjectRef::new(ObjectKind::Plan, plan.id.as_str());
    let audited = Audited::begin(conn, object).await?;
    let newest =
        if plan.version == 1 { begin(conn, plan).await? } else { go_on(conn, plan).await? };
    if newest == 0 {
        return Err(EXISTS.into());
    }
    diesel::insert_into(routing_plan_versions::table)
        .values((
            routing_plan_versions::plan_id.eq(plan.id.as_str()),
            routing_plan_versions::version.eq(i64::from(plan.version)),
            routing_plan_versions::name.eq(plan.name.as_str()),
            routing_plan_versions::document.eq(&*plan.document),
            routing_plan_versions::author.eq(plan.author.as_str()),
            routing_plan_versions::saved_at.eq(Moment(plan.saved_at)),
        ))
        .execute(conn)
        .await?;
    audited.end(conn, author, Action::PlanSaved).await?;
    changes::record(conn, &Change::Everything).await
}

/// Adds a plan, unless another plan has its id or its name.
async fn begin(conn: &mut Conn, plan: &SavedPlan) -> Result<usize, Failure> {
    let added = diesel::insert_into(routing_plans::table)
        .values((
            routing_plans::id.eq(plan.id.as_str()),
            routing_plans::organization_id.eq(plan.organization.as_str()),
            routing_plans::name.eq(plan.name.as_str()),
            routing_plans::version.eq(1),
        ))
        .on_conflict_do_nothing()
        .execute(conn)
        .await;
    added.map_err(missing(|_| Entity::Organization))
}

/// Updates a plan from the previous version to the next one. If two writers do so at the same time, the second one finds
/// no previous version.
async fn go_on(conn: &mut Conn, plan: &SavedPlan) -> Result<usize, Failure> {
    let before = routing_plans::table
        .find(plan.id.as_str())
        .filter(routing_plans::organization_id.eq(plan.organization.as_str()))
        .filter(routing_plans::version.eq(i64::from(plan.version) - 1));
    let moved = diesel::update(before)
        .set((
            routing_plans::name.eq(plan.name.as_str()),
            routing_plans::version.eq(i64::from(plan.version)),
        ))
        .execute(conn)
        .await;
    moved.map_err(exists(Entity::Plan))
}

/// The newest versions of all plans that a scope covers.
macro_rules! newest {
    ($scope:ident) => {{
        let newest = routing_plan_versions::plan_id
            .eq(routing_plans::id)
            .and(routing_plan_versions::version.eq(routing_plans::version));
        let mut query = routing_plans::table
            .inner_join(routing_plan_versions::table.on(newest))
            .select((PlanRow::as_select(), VersionRow::as_select()))
            .order(routing_plans::id)
            .into_boxed::<Db>();
        if let Some(organization) = only($scope) {
            query = query.filter(routing_plans::organization_id.eq(organization));
        }
        query
    }};
}

/// A word that is one plan's id and another one's name is the id.
async fn find(
    conn: &mut Conn,
    scope: &Scope,
    word: &Label,
) -> Result<Option<(PlanRow, VersionRow)>, Failure> {
    let word = word.as_str();
    let by_id = newest!(scope).filter(routing_plans::id.eq(word)).first(conn).await.optional()?;
    if by_id.is_some() {
        return Ok(by_id);
    }
    Ok(newest!(scope).filter(routing_plans::name.eq(word)).first(conn).await.optional()?)
}

async fn list(
    conn: &mut Conn,
    scope: &Scope,
    page: &Page<String>,
) -> Result<Vec<(PlanRow, VersionRow)>, Failure> {
    let mut query = newest!(scope).limit(page.limit.into());
    if let Some(after) = &page.after {
        query = query.filter(routing_plans::id.gt(after.as_str()));
    }
    Ok(query.load(conn).await?)
}

async fn versions(
    conn: &mut Conn,
    scope: &Scope,
    id: &PlanId,
    page: &Page<i64>,
) -> Result<Vec<(PlanRow, VersionRow)>, Failure> {
    let mut query = routing_plans::table
        .inner_join(
            routing_plan_versions::table.on(routing_plan_versions::plan_id.eq(routing_plans::id)),
        )
        .filter(routing_plans::id.eq(id.as_str()))
        .select((PlanRow::as_select(), VersionRow::as_select()))
        .order(routing_plan_versions::version)
        .limit(page.limit.into())
        .into_boxed::<Db>();
    if let Some(organization) = only(scope) {
        query = query.filter(routing_plans::organization_id.eq(organization));
    }
    if let Some(after) = page.after {
        query = query.filter(routing_plan_versions::version.gt(after));
    }
    Ok(query.load(conn).await?)
}

/// The organization of a plan that a scope covers.
pub(super) async fn owner(
    conn: &mut Conn,
    scope: &Scope,
    id: &PlanId,
) -> Result<Option<String>, Failure> {
    let owner = routing_plans::table.find(id.as_str()).select(routing_plans::organization_id);
    let owner: Option<String> = owner.first(conn).await.optional()?;
    Ok(owner.filter(|owner| covers(scope, owner)))
}

async fn remove(conn: &mut Conn, author: &Author, id: &PlanId) -> Result<(), Failure> {
    let owner = owner(conn, author, id).await?.ok_or(MISSING)?;
    if let Some(by) = first_place(conn, &owner, id).await? {
        return Err(StoreError::InUse { entity: Entity::Plan, by }.into());
    }
    // A concurrent save waits for the end of this transaction, and then finds no plan.
    let plan = routing_plans::table.find(id.as_str()).select(routing_plans::version);
    if held!(plan).first::<i64>(conn).await.optional()?.is_none() {
        return Err(MISSING.into());
    }
    let object = ObjectRef::new(ObjectKind::Plan, id.as_str());
    let audited = Audited::begin(conn, object).await?;
    diesel::delete(routing_plan_versions::table)
        .filter(routing_plan_versions::plan_id.eq(id.as_str()))
        .execute(conn)
        .await?;
    let removed = diesel::delete(routing_plans::table.find(id.as_str())).execute(conn).await;
    // It may have been attached since; the foreign keys see it.
    removed.map_err(in_use(Entity::Plan, holder))?;
    audited.end(conn, author, Action::PlanRemoved).await?;
    changes::record(conn, &Change::Everything).await
}
