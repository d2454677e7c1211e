//! Agents as plans need them: with what they take at once, and without their prompts.

use std::collections::BTreeMap;

use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, QueryDsl as _, Queryable, Selectable,
    SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use switchboard_domain::agent::Label;
use switchboard_domain::audit::{Action, Author, ObjectRef};
use switchboard_domain::identifier::{AgentId, OrganizationId};
use switchboard_domain::plan::HoursDocument;
use switchboard_domain::ports::{AgentLimits, CatalogueAgent, Change, StoreError};
use switchboard_domain::web_address::WebUrl;

use super::agents::{MISSING, must_cover};
use super::audited::Audited;
use super::catalogue::TOGETHER;
use super::changes;
use super::dialect::{Conn, Db};
use super::profiles::ProfileRow;
use super::schema::agents;
use crate::decode::Row;
use crate::failure::Failure;

/// An agent without its prompt.
#[derive(Queryable, Selectable)]
#[diesel(table_name = agents, check_for_backend(Db))]
pub(super) struct LimitedRow {
    id: String,
    #[diesel(embed)]
    profile: ProfileRow,
    capacity: Option<i64>,
    hours: Option<String>,
    health_url: Option<String>,
}

impl TryFrom<LimitedRow> for CatalogueAgent {
    type Error = StoreError;

    fn try_from(row: LimitedRow) -> Result<Self, StoreError> {
        let at = Row::new("agents", &row.id);
        Ok(Self {
            id: at.read("id", AgentId::parse(&row.id))?,
            profile: row.profile.into_profile(&row.id)?,
            limits: AgentLimits {
                capacity: at.read("capacity", row.capacity.map(u32::try_from).transpose())?,
                hours: row.hours.map(HoursDocument::from),
                health_url: at.optional("health_url", row.health_url.as_deref(), WebUrl::parse)?,
            },
        })
    }
}

/// Replaces the limits of an agent.
pub(super) async fn limit(
    conn: &mut Conn,
    author: &Author,
    id: &AgentId,
    limits: &AgentLimits,
) -> Result<(), Failure> {
    must_cover(conn, author, id.as_str()).await?;
    let audited = Audited::begin(conn, ObjectRef::agent(id)).await?;
    let changed = diesel::update(agents::table.find(id.as_str()))
        .set((
            agents::capacity.eq(limits.capacity.map(i64::from)),
            agents::hours.eq(limits.hours.as_deref()),
            agents::health_url.eq(limits.health_url.as_ref().map(WebUrl::as_str)),
        ))
        .execute(conn)
        .await?;
    if changed == 0 {
        return Err(MISSING.into());
    }
    audited.end(conn, author, Action::AgentLimitsChanged).await?;
    changes::record(conn, &Change::Agent(id.clone())).await
}

/// The agents of an organization that one of the words is the id, the external id or the name of, by their ids.
pub(super) async fn limited(
    conn: &mut Conn,
    organization: &OrganizationId,
    words: &[Label],
) -> Result<BTreeMap<String, LimitedRow>, Failure> {
    let mut found = BTreeMap::new();
    for words in words.chunks(TOGETHER) {
        let words = || words.iter().map(Label::as_str);
        let rows: Vec<LimitedRow> = agents::table
            .filter(agents::organization_id.eq(organization.as_str()))
            .filter(
                agents::id
                    .eq_any(words())
                    .or(agents::name.eq_any(words()))
                    .or(agents::external_id.eq_any(words())),
            )
            .select(LimitedRow::as_select())
            .load(conn)
            .await?;
        found.extend(rows.into_iter().map(|row| (row.id.clone(), row)));
    }
    Ok(found)
}
