//! Agents.

use async_trait::async_trait;
use diesel::sql_types::{Nullable, Text};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, OptionalExtension as _, QueryDsl as _,
    SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::agent::{
    Agent, Label, MessageTarget, Prompt, VoiceTarget, WhatsAppTemplate,
};
use switchboard_domain::audit::{Action, Author, ObjectRef};
use switchboard_domain::identifier::{AgentId, OrganizationId};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{AgentStore, Change, Entity, GoneTargetStore, Page, StoreError};
use switchboard_domain::time::Timestamp;

use super::audited::Audited;
use super::chat_models::keep_keys_of_same_urls;
use super::dialect::{Conn, Db, Moment, Store, Ts};
use super::gone_targets::{enable_target, gone_since};
use super::profiles::ProfileRow;
use super::schema::{agents, numbers};
use super::upsert::execute;
use super::{changes, covers, may_add, only};
use crate::decode::Row;
use crate::failure::{Failure, exists, in_use, missing};
use crate::json;
use crate::unreadable::{readable_page, readable_rows, stored_page};

upserts! {
    /// An agent, as stored.
    pub(crate) struct AgentRow in agents {
        id: String as Text,
        organization_id: String as Text,
        external_id: Option<String> as Nullable<Text>,
        name: String as Text,
        prompt: String as Text,
        voice: Option<String> as Nullable<Text>,
        model: Option<String> as Nullable<Text>,
        language: Option<String> as Nullable<Text>,
        parameters: String as Text,
        relay: String as Text,
        voice_target_kind: Option<String> as Nullable<Text>,
        voice_target_value: Option<String> as Nullable<Text>,
        message_target_kind: Option<String> as Nullable<Text>,
        message_target_value: Option<String> as Nullable<Text>,
        state: String as Text,
        created_at: Moment as Ts,
        message_webhook: Option<String> as Nullable<Text>,
        message_twilio: Option<String> as Nullable<Text>,
        message_chat: Option<String> as Nullable<Text>,
        whatsapp_template: Option<String> as Nullable<Text>,
        voice_twilio: Option<String> as Nullable<Text>,
    }

    /// Adds agents. Existing ones stay unchanged.
    AddAgents = "ON CONFLICT DO NOTHING";

    /// Adds agents, or changes those whose external ids the organization has already.
    ImportAgents =
        "ON CONFLICT (organization_id, external_id) DO UPDATE SET name = excluded.name, \
         prompt = excluded.prompt, voice = excluded.voice, model = excluded.model, \
         language = excluded.language, parameters = excluded.parameters, relay = excluded.relay, voice_target_kind = excluded.voice_target_kind, \
         voice_target_value = excluded.voice_target_value, \
         message_target_kind = excluded.message_target_kind, \
         message_target_value = excluded.message_target_value, \
         message_webhook = excluded.message_webhook, \
         message_twilio = excluded.message_twilio, \
         message_chat = excluded.message_chat, \
         whatsapp_template = excluded.whatsapp_template, \
         voice_twilio = excluded.voice_twilio, state = excluded.state";
}

impl From<&Agent> for AgentRow {
    fn from(agent: &Agent) -> Self {
        let text = |label: &Option<Label>| label.as_ref().map(|label| label.as_str().to_owned());
        let profile = &agent.profile;
        let handler = profile.voice_target.as_ref().and_then(VoiceTarget::handler);
        let voice_target = profile.voice_target.as_ref().filter(|_| handler.is_none());
        let (message_kind, message_value) = message_columns(profile.message_target.as_ref());
        let endpoint = |kind| {
            let target = profile.message_target.as_ref();
            let target = target.filter(|target| target.kind() == kind);
            target.map(|target| target.value().to_owned())
        };
        let chat = profile.message_target.as_ref().and_then(MessageTarget::chat_model);
        Self {
            id: agent.id.as_str().to_owned(),
            organization_id: agent.organization.as_str().to_owned(),
            external_id: text(&profile.external_id),
            name: profile.name.as_str().to_owned(),
            prompt: agent.prompt.as_str().to_owned(),
            voice: text(&profile.voice),
            model: text(&profile.model),
            language: text(&profile.language),
            parameters: json::write_parameters(&profile.parameters),
            relay: json::write_relay(&profile.relay),
            voice_target_kind: voice_target.map(|target| VoiceTarget::kind(target).to_owned()),
            voice_target_value: voice_target.map(|target| target.value().to_owned()),
            message_target_kind: message_kind,
            message_target_value: message_value,
            state: profile.state.as_str().to_owned(),
            created_at: Moment(agent.created_at),
            message_webhook: endpoint("webhook"),
            message_twilio: endpoint("twilio"),
            message_chat: chat.map(json::write_chat_model),
            whatsapp_template: profile.whatsapp_template.as_ref().map(WhatsAppTemplate::to_text),
            voice_twilio: handler.map(|url| url.as_str().to_owned()),
        }
    }
}

/// The kind and the value of a target without a column of its own.
fn message_columns(target: Option<&MessageTarget>) -> (Option<String>, Option<String>) {
    let target = target.filter(|target| target.endpoint().is_none());
    let columns = |target: &MessageTarget| (target.kind().to_owned(), target.value().to_owned());
    target.map(columns).unzip()
}

impl TryFrom<AgentRow> for Agent {
    type Error = StoreError;

    fn try_from(row: AgentRow) -> Result<Self, StoreError> {
        let at = Row::new("agents", &row.id);
        let id = at.read("id", AgentId::parse(&row.id))?;
        let organization =
            at.read("organization_id", OrganizationId::parse(&row.organization_id))?;
        let prompt = at.read("prompt", Prompt::parse(&row.prompt))?;
        let profile = ProfileRow {
            name: row.name,
            external_id: row.external_id,
            voice: row.voice,
            model: row.model,
            language: row.language,
            parameters: row.parameters,
            relay: row.relay,
            voice_target_kind: row.voice_target_kind,
            voice_target_value: row.voice_target_value,
            message_target_kind: row.message_target_kind,
            message_target_value: row.message_target_value,
            message_webhook: row.message_webhook,
            message_twilio: row.message_twilio,
            message_chat: row.message_chat,
            whatsapp_template: row.whatsapp_template,
            voice_twilio: row.voice_twilio,
            state: row.state,
        };
        let profile = profile.into_profile(&row.id)?;
        Ok(Self { id, organization, profile, prompt, created_at: row.created_at.0 })
    }
}

#[async_trait]
impl AgentStore for Store {
    async fn add(&self, author: &Author, agent: &Agent) -> Result<(), StoreError> {
        may_add(author, &agent.organization)?;
        let wanted = (author.clone(), AgentRow::from(agent), agent.id.clone());
        self.write("agent.add", wanted, |conn, (author, row, id)| {
            add(conn, author, row, id).boxed()
        })
        .await
    }

    async fn find(&self, scope: &Scope, id: &AgentId) -> Result<Option<Agent>, StoreError> {
        let found = self.read("agent.find", id.clone(), |conn, id| find(conn, id).boxed()).await?;
        found.filter(|row| covers(scope, &row.organization_id)).map(Agent::try_from).transpose()
    }

    async fn named(&self, scope: &Scope, word: &Label) -> Result<Vec<Agent>, StoreError> {
        let wanted = (scope.clone(), word.clone());
        let rows = self
            .read("agent.named", wanted, |conn, (scope, word)| named(conn, scope, word).boxed())
            .await?;
        readable_rows(rows.into_iter().map(Agent::try_from))
    }

    async fn list(&self, scope: &Scope, page: &Page<AgentId>) -> Result<Vec<Agent>, StoreError> {
        readable_page(
            stored_page(page, |key| key.as_str().to_owned()),
            |row: &AgentRow| row.id.clone(),
            Agent::try_from,
            |page| {
                self.read("agent.list", (scope.clone(), page), |conn, (scope, page)| {
                    list(conn, scope, page).boxed()
                })
            },
        )
        .await
    }

    async fn change<'a>(
        &self,
        author: &Author,
        before: Option<&'a Agent>,
        agent: &Agent,
    ) -> Result<(), StoreError> {
        let wanted = (author.clone(), before.cloned(), AgentRow::from(agent), agent.id.clone());
        self.write("agent.change", wanted, |conn, (author, before, row, id)| {
            change(conn, author, before.as_ref(), row, id).boxed()
        })
        .await
    }

    async fn remove<'a>(
        &self,
        author: &Author,
        id: &AgentId,
        before: Option<&'a Agent>,
    ) -> Result<(), StoreError> {
        let wanted = (author.clone(), id.clone(), before.cloned());
        self.write("agent.remove", wanted, |conn, (author, id, before)| {
            remove(conn, author, id, before.as_ref()).boxed()
        })
        .await
    }
}

#[async_trait]
impl GoneTargetStore for Store {
    async fn gone_since(
        &self,
        scope: &Scope,
        id: &AgentId,
    ) -> Result<Option<Timestamp>, StoreError> {
        let wanted = (scope.clone(), id.clone());
        self.read("agent.gone_since", wanted, |conn, (scope, id)| {
            gone_since(conn, scope, id.as_str()).boxed()
        })
        .await
    }

    async fn enable_target(&self, author: &Author, id: &AgentId) -> Result<(), StoreError> {
        let wanted = (author.clone(), id.clone());
        self.write("agent.enable_target", wanted, |conn, (author, id)| {
            enable_target(conn, author, id).boxed()
        })
        .await
    }
}

pub(super) const MISSING: StoreError = StoreError::Missing { entity: Entity::Agent };

async fn add(
    conn: &mut Conn,
    author: &Author,
    row: &AgentRow,
    id: &AgentId,
) -> Result<(), Failure> {
    let audited = Audited::begin(conn, ObjectRef::agent(id)).await?;
    let added = execute::<AddAgents>(conn, vec![row.clone()].into()).await;
    if added.map_err(missing(|_| Entity::Organization))? == 0 {
        return Err(StoreError::Exists { entity: Entity::Agent }.into());
    }
    audited.end(conn, author, Action::AgentAdded).await?;
    changes::record(conn, &Change::Agent(id.clone())).await
}

async fn find(conn: &mut Conn, id: &AgentId) -> Result<Option<AgentRow>, Failure> {
    let query = agents::table.find(id.as_str()).select(AgentRow::as_select());
    Ok(query.first(conn).await.optional()?)
}

async fn named(conn: &mut Conn, scope: &Scope, word: &Label) -> Result<Vec<AgentRow>, Failure> {
    let mut query = agents::table
        .select(AgentRow::as_select())
        .filter(agents::name.eq(word.as_str()).or(agents::external_id.eq(word.as_str())))
        .order(agents::id)
        .into_boxed::<Db>();
    if let Some(organization) = only(scope) {
        query = query.filter(agents::organization_id.eq(organization));
    }
    Ok(query.load(conn).await?)
}

async fn list(
    conn: &mut Conn,
    scope: &Scope,
    page: &Page<String>,
) -> Result<Vec<AgentRow>, Failure> {
    Ok(page_by_key!(agents, id, scope, page).select(AgentRow::as_select()).load(conn).await?)
}

/// Nothing of another organization is changed.
pub(super) async fn must_cover(conn: &mut Conn, scope: &Scope, id: &str) -> Result<(), Failure> {
    let query = agents::table.find(id).select(agents::organization_id);
    let owner: Option<String> = query.first(conn).await.optional()?;
    match owner {
        Some(owner) if covers(scope, &owner) => Ok(()),
        _ => Err(MISSING.into()),
    }
}

/// An agent that is changed is still as the caller read it, and stays so until the transaction ends.
async fn must_be_as(
    conn: &mut Conn,
    scope: &Scope,
    id: &AgentId,
    before: Option<&Agent>,
) -> Result<(), Failure> {
    let Some(before) = before else { return must_cover(conn, scope, id.as_str()).await };
    let query = held!(agents::table.find(id.as_str()).select(AgentRow::as_select()));
    let found: Option<AgentRow> = query.first(conn).await.optional()?;
    let found = found.filter(|row| covers(scope, &row.organization_id)).ok_or(MISSING)?;
    let found = Agent::try_from(found)?;
    if found.profile == before.profile && found.prompt == before.prompt {
        Ok(())
    } else {
        Err(StoreError::Changed { entity: Entity::Agent }.into())
    }
}

async fn change(
    conn: &mut Conn,
    author: &Author,
    before: Option<&Agent>,
    row: &AgentRow,
    id: &AgentId,
) -> Result<(), Failure> {
    must_be_as(conn, author, id, before).await?;
    let audited = Audited::begin(conn, ObjectRef::agent(id)).await?;
    let chat = held_by_one!(agents::table.find(&row.id).select((agents::id, agents::message_chat)));
    let chat = chat.load(conn).await?;
    let changed = diesel::update(agents::table.find(&row.id))
        .set((
            agents::external_id.eq(&row.external_id),
            agents::name.eq(&row.name),
            agents::prompt.eq(&row.prompt),
            agents::voice.eq(&row.voice),
            agents::model.eq(&row.model),
            agents::language.eq(&row.language),
            agents::parameters.eq(&row.parameters),
            agents::relay.eq(&row.relay),
            agents::voice_target_kind.eq(&row.voice_target_kind),
            agents::voice_target_value.eq(&row.voice_target_value),
            agents::message_target_kind.eq(&row.message_target_kind),
            agents::message_target_value.eq(&row.message_target_value),
            agents::message_webhook.eq(&row.message_webhook),
            agents::message_twilio.eq(&row.message_twilio),
            agents::message_chat.eq(&row.message_chat),
            agents::whatsapp_template.eq(&row.whatsapp_template),
            agents::voice_twilio.eq(&row.voice_twilio),
            agents::state.eq(&row.state),
        ))
        .execute(conn)
        .await;
    if changed.map_err(exists(Entity::Agent))? == 0 {
        return Err(MISSING.into());
    }
    keep_keys_of_same_urls(conn, chat).await?;
    audited.end(conn, author, Action::AgentChanged).await?;
    changes::record(conn, &Change::Agent(id.clone())).await
}

async fn remove(
    conn: &mut Conn,
    author: &Author,
    id: &AgentId,
    before: Option<&Agent>,
) -> Result<(), Failure> {
    must_be_as(conn, author, id, before).await?;
    let audited = Audited::begin(conn, ObjectRef::agent(id)).await?;
    let used =
        numbers::table.filter(numbers::agent_id.eq(id.as_str())).select(numbers::phone_number);
    if used.first::<String>(conn).await.optional()?.is_some() {
        return Err(StoreError::InUse { entity: Entity::Agent, by: Entity::Number }.into());
    }
    let removed = diesel::delete(agents::table.find(id.as_str())).execute(conn).await;
    // A number may have come since; the foreign key sees it.
    if removed.map_err(in_use(Entity::Agent, |_| Entity::Number))? == 0 {
        return Err(MISSING.into());
    }
    audited.end(conn, author, Action::AgentRemoved).await?;
    changes::record(conn, &Change::Agent(id.clone())).await
}
