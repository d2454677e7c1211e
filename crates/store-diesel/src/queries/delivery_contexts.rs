//! What decides about deliveries, read for many at once.

use std::collections::HashMap;

use async_trait::async_trait;
use diesel::dsl::sql;
use diesel::sql_types::Nullable;
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, JoinOnDsl as _,
    NullableExpressionMethods as _, QueryDsl as _, SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::consent::ConsentState;
use switchboard_domain::delivery::Delivery;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::message::MessageRecord;
use switchboard_domain::ports::{
    AgentContext, AgentSecret, DeliveryContext, DeliveryContextStore, StoreError,
};

use super::agent_secrets::SecretRow;
use super::agents::AgentRow;
use super::dialect::{Conn, Moment, Store, Ts};
use super::gone_targets::GONE_SINCE;
use super::messages::MessageRow;
use super::schema::{agent_secrets, agents, consents, conversations, messages};
use crate::decode::Row;
use crate::failure::Failure;

#[async_trait]
impl DeliveryContextStore for Store {
    async fn contexts(
        &self,
        deliveries: &[Delivery],
    ) -> Result<Vec<Option<DeliveryContext>>, StoreError> {
        let wanted = Wanted::of(deliveries);
        let rows =
            self.read("delivery.contexts", wanted, |conn, wanted| read(conn, wanted).boxed());
        let rows = rows.await?;
        deliveries.iter().map(|delivery| rows.context(delivery)).collect()
    }
}

/// The keys of what is read.
struct Wanted {
    accounts: Vec<String>,
    messages: Vec<String>,
    conversations: Vec<String>,
    agents: Vec<String>,
}

impl Wanted {
    fn of(deliveries: &[Delivery]) -> Self {
        let messages = deliveries.iter().filter_map(|delivery| delivery.item.message());
        let conversations = deliveries.iter().filter_map(Delivery::conversation);
        let agents = deliveries.iter().filter_map(|delivery| delivery.agent.as_ref());
        let accounts = deliveries.iter().map(|delivery| delivery.account.as_str().to_owned());
        Self {
            accounts: distinct(accounts),
            messages: messages.map(|sid| sid.as_str().to_owned()).collect(),
            conversations: conversations.map(|id| id.as_str().to_owned()).collect(),
            agents: distinct(agents.map(|id| id.as_str().to_owned())),
        }
    }
}

fn distinct(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// A conversation with the consent of its contact.
struct ConversationState {
    organization_id: String,
    stopped_until: Option<Moment>,
    consent: Option<String>,
}

/// What was read, by its keys.
struct Rows {
    messages: HashMap<(String, String), MessageRow>,
    conversations: HashMap<String, ConversationState>,
    agents: HashMap<String, (AgentRow, Option<Moment>)>,
    secrets: Vec<SecretRow>,
}

async fn read(conn: &mut Conn, wanted: &Wanted) -> Result<Rows, Failure> {
    let messages: Vec<MessageRow> = messages::table
        .filter(messages::account_sid.eq_any(&wanted.accounts))
        .filter(messages::sid.eq_any(&wanted.messages))
        .select(MessageRow::as_select())
        .load(conn)
        .await?;
    let of_contact = consents::organization_id
        .eq(conversations::organization_id)
        .and(consents::sender.eq(conversations::sender))
        .and(consents::contact.eq(conversations::contact));
    let conversations: Vec<(String, String, Option<Moment>, Option<String>)> = conversations::table
        .left_join(consents::table.on(of_contact))
        .filter(conversations::id.eq_any(&wanted.conversations))
        .select((
            conversations::id,
            conversations::organization_id,
            conversations::stopped_until,
            consents::state.nullable(),
        ))
        .load(conn)
        .await?;
    let agents: Vec<(AgentRow, Option<Moment>)> = agents::table
        .filter(agents::id.eq_any(&wanted.agents))
        .select((AgentRow::as_select(), sql::<Nullable<Ts>>(GONE_SINCE)))
        .load(conn)
        .await?;
    let secrets = agent_secrets::table
        .filter(agent_secrets::agent_id.eq_any(&wanted.agents))
        .order((agent_secrets::agent_id, agent_secrets::number.desc()))
        .select(SecretRow::as_select())
        .load(conn)
        .await?;
    let messages =
        messages.into_iter().map(|row| ((row.account_sid.clone(), row.sid.clone()), row));
    let conversations =
        conversations.into_iter().map(|(id, organization_id, stopped_until, consent)| {
            (id, ConversationState { organization_id, stopped_until, consent })
        });
    Ok(Rows {
        messages: messages.collect(),
        conversations: conversations.collect(),
        agents: agents.into_iter().map(|found| (found.0.id.clone(), found)).collect(),
        secrets,
    })
}

impl Rows {
    fn context(&self, delivery: &Delivery) -> Result<Option<DeliveryContext>, StoreError> {
        let organization = delivery.organization.as_str();
        let message = delivery.item.message().and_then(|sid| {
            self.messages.get(&(delivery.account.as_str().to_owned(), sid.as_str().to_owned()))
        });
        let message = message.filter(|row| row.organization_id == organization);
        let conversation =
            delivery.conversation().and_then(|id| self.conversations.get(id.as_str()));
        let conversation = conversation.filter(|found| found.organization_id == organization);
        let (Some(message), Some(conversation)) = (message, conversation) else { return Ok(None) };
        let at = Row::new("consents", organization);
        let consent = match &conversation.consent {
            Some(word) => Some(at.word("state", ConsentState::parse(word))?),
            None => None,
        };
        let agent = match &delivery.agent {
            Some(agent) => self.agent(organization, agent)?,
            None => None,
        };
        Ok(Some(DeliveryContext {
            message: MessageRecord::try_from(message.clone())?,
            is_opted_out: consent == Some(ConsentState::OptedOut),
            stopped_until: conversation.stopped_until.map(|until| until.0),
            agent,
        }))
    }

    fn agent(&self, organization: &str, id: &AgentId) -> Result<Option<AgentContext>, StoreError> {
        let found = self.agents.get(id.as_str());
        let found = found.filter(|(row, _)| row.organization_id == organization);
        let Some((row, gone_since)) = found else { return Ok(None) };
        let secrets = self.secrets.iter().filter(|secret| secret.agent_id == id.as_str());
        Ok(Some(AgentContext {
            agent: row.clone().try_into()?,
            gone_since: gone_since.map(|at| at.0),
            secrets: secrets.cloned().map(AgentSecret::try_from).collect::<Result<_, _>>()?,
        }))
    }
}
