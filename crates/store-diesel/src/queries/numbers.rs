//! Numbers, and who answers them.

use async_trait::async_trait;
use diesel::sql_types::{Nullable, Text};
use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, SelectableHelper as _,
    TextExpressionMethods as _,
};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::audit::{Action, Author, ObjectRef};
use switchboard_domain::identifier::{AgentId, OrganizationId};
use switchboard_domain::number::{Assignment, Channels, Number};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    Change, Entity, NumberFilter, NumberStore, Page, SavedConfiguration, StoreError,
};
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::AccountSid;

use super::audited::Audited;
use super::dialect::{Conn, Db, Moment, Store, Ts};
use super::schema::{accounts, agents, numbers};
use super::upsert::execute;
use super::{changes, covers, may_add, only, organization_must_be_there};
use crate::decode::Row;
use crate::failure::{Failure, missing};
use crate::unreadable::{readable_page, stored_page};

upserts! {
    /// A number, as stored.
    pub(crate) struct NumberRow in numbers {
        phone_number: String as Text,
        organization_id: String as Text,
        account_sid: String as Text,
        agent_id: Option<String> as Nullable<Text>,
        channels: String as Text,
        created_at: Moment as Ts,
    }

    /// Adds numbers. Existing ones stay unchanged.
    AddNumbers = "ON CONFLICT DO NOTHING";

    /// Adds numbers, or changes those that the organization has already.
    ImportNumbers =
        "ON CONFLICT (phone_number) DO UPDATE SET account_sid = excluded.account_sid, \
         agent_id = excluded.agent_id, channels = excluded.channels \
         WHERE numbers.organization_id = excluded.organization_id";
}

impl NumberRow {
    /// The row of a number, with the channels of an assignment or none at all.
    pub(crate) fn new(
        sender: Sender,
        organization: &OrganizationId,
        account: AccountSid,
        assignment: Option<(&str, Channels)>,
        created_at: Moment,
    ) -> Self {
        Self {
            phone_number: sender.as_str().to_owned(),
            organization_id: organization.as_str().to_owned(),
            account_sid: account.as_str().to_owned(),
            agent_id: assignment.map(|(agent, _)| agent.to_owned()),
            channels: assignment.map(|(_, channels)| channels.to_string()).unwrap_or_default(),
            created_at,
        }
    }

    /// Who answers, if anybody.
    pub(crate) fn assignment(&self) -> Result<Option<Assignment>, StoreError> {
        let at = Row::masked("numbers", &self.phone_number);
        let Some(agent) = &self.agent_id else {
            return Ok(None);
        };
        Ok(Some(Assignment {
            agent: at.read("agent_id", AgentId::parse(agent))?,
            channels: at.read("channels", Channels::parse(&self.channels))?,
        }))
    }
}

impl TryFrom<NumberRow> for Number {
    type Error = StoreError;

    fn try_from(row: NumberRow) -> Result<Self, StoreError> {
        let at = Row::masked("numbers", &row.phone_number);
        Ok(Self {
            sender: at.read("phone_number", Sender::parse(&row.phone_number))?,
            organization: at
                .read("organization_id", OrganizationId::parse(&row.organization_id))?,
            account: at.read("account_sid", AccountSid::parse(&row.account_sid))?,
            assignment: row.assignment()?,
            created_at: row.created_at.0,
        })
    }
}

#[async_trait]
impl NumberStore for Store {
    async fn add(&self, author: &Author, number: &Number) -> Result<(), StoreError> {
        may_add(author, &number.organization)?;
        let assignment = number.assignment.as_ref().map(|to| (to.agent.as_str(), to.channels));
        let row = NumberRow::new(
            number.sender,
            &number.organization,
            number.account,
            assignment,
            Moment(number.created_at),
        );
        let wanted = (author.clone(), row, number.sender);
        self.write("number.add", wanted, |conn, (author, row, number)| {
            add(conn, author, row, *number).boxed()
        })
        .await
    }

    async fn find(&self, scope: &Scope, sender: Sender) -> Result<Option<Number>, StoreError> {
        let found =
            self.read("number.find", sender, |conn, number| find(conn, *number).boxed()).await?;
        found.filter(|row| covers(scope, &row.organization_id)).map(Number::try_from).transpose()
    }

    async fn list(
        &self,
        scope: &Scope,
        filter: &NumberFilter,
        page: &Page<Sender>,
    ) -> Result<Vec<Number>, StoreError> {
        readable_page(
            stored_page(page, |number| number.as_str().to_owned()),
            |row: &NumberRow| row.phone_number.clone(),
            Number::try_from,
            |page| {
                let wanted = (scope.clone(), filter.clone(), page);
                self.read("number.list", wanted, |conn, (scope, filter, page)| {
                    list(conn, scope, filter, page).boxed()
                })
            },
        )
        .await
    }

    async fn assign(
        &self,
        author: &Author,
        sender: Sender,
        assignment: Option<Assignment>,
    ) -> Result<(), StoreError> {
        let wanted = (author.clone(), sender, assignment);
        self.write("number.assign", wanted, |conn, (author, number, assignment)| {
            assign(conn, author, *number, assignment.as_ref()).boxed()
        })
        .await
    }

    async fn remove(
        &self,
        author: &Author,
        sender: Sender,
        saved_configuration: SavedConfiguration,
    ) -> Result<(), StoreError> {
        let wanted = (author.clone(), sender, saved_configuration);
        self.write("number.remove", wanted, |conn, (author, number, saved_configuration)| {
            remove(conn, author, *number, *saved_configuration).boxed()
        })
        .await
    }
}

const MISSING: StoreError = StoreError::Missing { entity: Entity::Number };

/// What the breach of a foreign key of `numbers` says is missing.
pub(super) fn referred(constraint: Option<&str>) -> Entity {
    match constraint {
        Some("numbers_agent") => Entity::Agent,
        _ => Entity::Account,
    }
}

async fn add(
    conn: &mut Conn,
    author: &Author,
    row: &NumberRow,
    sender: Sender,
) -> Result<(), Failure> {
    organization_must_be_there(conn, &row.organization_id).await?;
    let account = accounts::table.find(&row.account_sid).select(accounts::organization_id);
    if account.first::<String>(conn).await.optional()?.as_ref() != Some(&row.organization_id) {
        return Err(StoreError::Missing { entity: Entity::Account }.into());
    }
    if let Some(agent) = &row.agent_id {
        agent_of(conn, agent, &row.organization_id).await?;
    }
    let audited = Audited::begin(conn, ObjectRef::number(sender)).await?;
    // What was there a moment ago may be gone; the foreign keys see it.
    let added = execute::<AddNumbers>(conn, vec![row.clone()].into()).await;
    if added.map_err(missing(referred))? == 0 {
        return Err(StoreError::Exists { entity: Entity::Number }.into());
    }
    audited.end(conn, author, Action::NumberAdded).await?;
    changes::record(conn, &Change::Number(sender)).await
}

async fn agent_of(conn: &mut Conn, agent: &str, organization: &str) -> Result<(), Failure> {
    let owner = agents::table.find(agent).select(agents::organization_id);
    match owner.first::<String>(conn).await.optional()? {
        Some(owner) if owner == organization => Ok(()),
        _ => Err(StoreError::Missing { entity: Entity::Agent }.into()),
    }
}

async fn find(conn: &mut Conn, sender: Sender) -> Result<Option<NumberRow>, Failure> {
    let query = numbers::table.find(sender.as_str()).select(NumberRow::as_select());
    Ok(query.first(conn).await.optional()?)
}

async fn list(
    conn: &mut Conn,
    scope: &Scope,
    filter: &NumberFilter,
    page: &Page<String>,
) -> Result<Vec<NumberRow>, Failure> {
    Ok(on_page(scope, filter, page).select(NumberRow::as_select()).load(conn).await?)
}

/// The numbers of a page.
pub(super) fn on_page<'a>(
    scope: &'a Scope,
    filter: &'a NumberFilter,
    page: &'a Page<String>,
) -> numbers::BoxedQuery<'a, Db> {
    let mut query = page_by_key!(numbers, phone_number, scope, page);
    if let Some(account) = &filter.account {
        query = query.filter(numbers::account_sid.eq(account.as_str()));
    }
    if let Some(agent) = &filter.agent {
        query = query.filter(numbers::agent_id.eq(agent.as_str()));
    }
    match filter.is_phone {
        Some(true) => query = query.filter(numbers::phone_number.like("+%")),
        Some(false) => query = query.filter(numbers::phone_number.not_like("+%")),
        None => {}
    }
    query
}

async fn assign(
    conn: &mut Conn,
    author: &Author,
    sender: Sender,
    assignment: Option<&Assignment>,
) -> Result<(), Failure> {
    let owner = numbers::table.find(sender.as_str()).select(numbers::organization_id);
    let owner = match owner.first::<String>(conn).await.optional()? {
        Some(owner) if covers(author, &owner) => owner,
        _ => return Err(MISSING.into()),
    };
    if let Some(to) = assignment {
        agent_of(conn, to.agent.as_str(), &owner).await?;
    }
    let audited = Audited::begin(conn, ObjectRef::number(sender)).await?;
    let assigned = diesel::update(numbers::table.find(sender.as_str()))
        .set((
            numbers::agent_id.eq(assignment.map(|to| to.agent.as_str())),
            numbers::channels.eq(assignment.map(|to| to.channels.to_string()).unwrap_or_default()),
        ))
        .execute(conn)
        .await;
    if assigned.map_err(missing(referred))? == 0 {
        return Err(MISSING.into());
    }
    if assignment.is_none() {
        // It is not checked any more.
        diesel::update(numbers::table.find(sender.as_str()))
            .set(numbers::drifting_since.eq(None::<Moment>))
            .execute(conn)
            .await?;
    }
    let action = match assignment {
        Some(_) => Action::NumberAssigned,
        None => Action::NumberUnassigned,
    };
    audited.end(conn, author, action).await?;
    changes::record(conn, &Change::Number(sender)).await
}

async fn remove(
    conn: &mut Conn,
    author: &Author,
    sender: Sender,
    saved_configuration: SavedConfiguration,
) -> Result<(), Failure> {
    let audited = Audited::begin(conn, ObjectRef::number(sender)).await?;
    let mut query = diesel::delete(numbers::table.find(sender.as_str())).into_boxed::<Db>();
    if let Some(organization) = only(author) {
        query = query.filter(numbers::organization_id.eq(organization));
    }
    if saved_configuration == SavedConfiguration::Refuse {
        query = query.filter(numbers::adopted.is_null());
    }
    if query.execute(conn).await? == 0 {
        // Why nothing was removed is only said; a number that has come or gone in between is removed by the next call.
        return Err(match find(conn, sender).await? {
            Some(row) if covers(author, &row.organization_id) => {
                StoreError::InUse { entity: Entity::Number, by: Entity::Configuration }.into()
            }
            _ => MISSING.into(),
        });
    }
    audited.end(conn, author, Action::NumberRemoved).await?;
    changes::record(conn, &Change::Number(sender)).await
}
