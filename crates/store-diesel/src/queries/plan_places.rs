//! What routing plans are attached to.

use async_trait::async_trait;
use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::audit::{Action, Author, ObjectKind, ObjectRef};
use switchboard_domain::identifier::{OrganizationId, PlanId};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{Change, Entity, PlanPlace, PlanPlaceStore, StoreError};
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::AccountSid;

use super::audited::Audited;
use super::dialect::{Conn, Store};
use super::plans::{MISSING, owner};
use super::schema::{accounts, numbers, organizations};
use super::{changes, covers};
use crate::decode::Row;
use crate::failure::{Failure, missing};
use crate::unreadable::readable_rows;

#[async_trait]
impl PlanPlaceStore for Store {
    async fn attach(
        &self,
        author: &Author,
        place: &PlanPlace,
        plan: Option<PlanId>,
    ) -> Result<(), StoreError> {
        let wanted = (author.clone(), place.clone(), plan);
        self.write("plan.attach", wanted, |conn, (author, place, plan)| {
            attach(conn, author, place, plan.as_ref()).boxed()
        })
        .await
    }

    async fn places(&self, scope: &Scope, id: &PlanId) -> Result<Vec<PlanPlace>, StoreError> {
        let wanted = (scope.clone(), id.clone());
        let (organization, accounts, numbers) = self
            .read("plan.places", wanted, |conn, (scope, id)| places(conn, scope, id).boxed())
            .await?;
        let organization = organization.into_iter().map(|id| {
            let at = Row::new("organizations", &id);
            at.read("id", OrganizationId::parse(&id)).map(PlanPlace::Organization)
        });
        let accounts = accounts.into_iter().map(|sid| {
            let at = Row::new("accounts", &sid);
            at.read("sid", AccountSid::parse(&sid)).map(PlanPlace::Account)
        });
        let numbers = numbers.into_iter().map(|number| {
            let at = Row::masked("numbers", &number);
            at.read("phone_number", Sender::parse(&number)).map(PlanPlace::Number)
        });
        readable_rows(organization.chain(accounts).chain(numbers))
    }
}

/// What holds a plan by the foreign key of that name.
pub(super) fn holder(constraint: Option<&str>) -> Entity {
    match constraint {
        Some("organizations_plan") => Entity::Organization,
        Some("accounts_plan") => Entity::Account,
        _ => Entity::Number,
    }
}

async fn attach(
    conn: &mut Conn,
    author: &Author,
    place: &PlanPlace,
    plan: Option<&PlanId>,
) -> Result<(), Failure> {
    let (entity, organization) = match place {
        PlanPlace::Number(number) => {
            let owner = numbers::table.find(number.as_str()).select(numbers::organization_id);
            (Entity::Number, owner.first::<String>(conn).await.optional()?)
        }
        PlanPlace::Account(sid) => {
            let owner = accounts::table.find(sid.as_str()).select(accounts::organization_id);
            (Entity::Account, owner.first(conn).await.optional()?)
        }
        PlanPlace::Organization(id) => {
            let own = organizations::table.find(id.as_str()).select(organizations::id);
            (Entity::Organization, own.first(conn).await.optional()?)
        }
    };
    let organization = organization
        .filter(|organization| covers(author, organization))
        .ok_or(StoreError::Missing { entity })?;
    if let Some(id) = plan
        && owner(conn, &Scope::Operator, id).await?.as_ref() != Some(&organization)
    {
        return Err(MISSING.into());
    }
    let object = match place {
        PlanPlace::Number(number) => ObjectRef::number(*number),
        PlanPlace::Account(sid) => ObjectRef::account(*sid),
        PlanPlace::Organization(id) => ObjectRef::new(ObjectKind::Organization, id.as_str()),
    };
    let audited = Audited::begin(conn, object).await?;
    // What was there a moment ago may be gone; the foreign keys see it.
    let attached = put(conn, place, plan.map(PlanId::as_str)).await;
    if attached.map_err(missing(|_| Entity::Plan))? == 0 {
        return Err(StoreError::Missing { entity }.into());
    }
    let action = match plan {
        Some(_) => Action::PlanAttached,
        None => Action::PlanDetached,
    };
    audited.end(conn, author, action).await?;
    let change = match place {
        PlanPlace::Number(number) => Change::Number(*number),
        PlanPlace::Account(_) | PlanPlace::Organization(_) => Change::Everything,
    };
    changes::record(conn, &change).await
}

async fn put(conn: &mut Conn, place: &PlanPlace, plan: Option<&str>) -> diesel::QueryResult<usize> {
    match place {
        PlanPlace::Number(number) => {
            let number = diesel::update(numbers::table.find(number.as_str()));
            number.set(numbers::plan_id.eq(plan)).execute(conn).await
        }
        PlanPlace::Account(sid) => {
            let account = diesel::update(accounts::table.find(sid.as_str()));
            account.set(accounts::plan_id.eq(plan)).execute(conn).await
        }
        PlanPlace::Organization(id) => {
            let organization = diesel::update(organizations::table.find(id.as_str()));
            organization.set(organizations::plan_id.eq(plan)).execute(conn).await
        }
    }
}

/// What a plan of an organization is attached to, if it is to anything.
pub(super) async fn first_place(
    conn: &mut Conn,
    organization: &str,
    id: &PlanId,
) -> Result<Option<Entity>, Failure> {
    if of_organization(conn, organization, id).await?.is_some() {
        return Ok(Some(Entity::Organization));
    }
    let account = accounts::table.filter(accounts::plan_id.eq(id.as_str())).select(accounts::sid);
    if account.first::<String>(conn).await.optional()?.is_some() {
        return Ok(Some(Entity::Account));
    }
    let number =
        numbers::table.filter(numbers::plan_id.eq(id.as_str())).select(numbers::phone_number);
    let number: Option<String> = number.first(conn).await.optional()?;
    Ok(number.map(|_| Entity::Number))
}

/// The organization, if the plan is attached to it.
async fn of_organization(
    conn: &mut Conn,
    organization: &str,
    id: &PlanId,
) -> Result<Option<String>, Failure> {
    let query = organizations::table
        .find(organization)
        .filter(organizations::plan_id.eq(id.as_str()))
        .select(organizations::id);
    Ok(query.first(conn).await.optional()?)
}

/// The organization, the accounts and the numbers that a plan is attached to.
async fn places(
    conn: &mut Conn,
    scope: &Scope,
    id: &PlanId,
) -> Result<(Option<String>, Vec<String>, Vec<String>), Failure> {
    let Some(organization) = owner(conn, scope, id).await? else {
        return Ok((None, Vec::new(), Vec::new()));
    };
    let organization = of_organization(conn, &organization, id).await?;
    let accounts = accounts::table
        .filter(accounts::plan_id.eq(id.as_str()))
        .order(accounts::sid)
        .select(accounts::sid)
        .load(conn)
        .await?;
    let numbers = numbers::table
        .filter(numbers::plan_id.eq(id.as_str()))
        .order(numbers::phone_number)
        .select(numbers::phone_number)
        .load(conn)
        .await?;
    Ok((organization, accounts, numbers))
}
