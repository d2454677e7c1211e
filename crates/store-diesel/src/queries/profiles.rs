//! The columns of an agent that routing needs: all except the prompt.

use diesel::{Queryable, Selectable};
use switchboard_domain::agent::{
    AgentState, Label, MessageTarget, Profile, Reply, VoiceTarget, WhatsAppTemplate,
};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::StoreError;
use switchboard_domain::web_address::{StreamUrl, WebUrl};

use super::dialect::Db;
use super::schema::agents;
use crate::decode::Row;
use crate::json;

/// All columns of an agent except its keys and its prompt, which can be long.
#[derive(Queryable, Selectable)]
#[diesel(table_name = agents, check_for_backend(Db))]
pub(crate) struct ProfileRow {
    pub(crate) name: String,
    pub(crate) external_id: Option<String>,
    pub(crate) voice: Option<String>,
    pub(crate) model: Option<String>,
    pub(crate) language: Option<String>,
    pub(crate) parameters: String,
    pub(crate) relay: String,
    pub(crate) voice_target_kind: Option<String>,
    pub(crate) voice_target_value: Option<String>,
    pub(crate) message_target_kind: Option<String>,
    pub(crate) message_target_value: Option<String>,
    pub(crate) message_webhook: Option<String>,
    pub(crate) message_twilio: Option<String>,
    pub(crate) message_chat: Option<String>,
    pub(crate) whatsapp_template: Option<String>,
    pub(crate) voice_twilio: Option<String>,
    pub(crate) state: String,
}

impl ProfileRow {
    /// The profile of the agent with this id.
    pub(crate) fn into_profile(self, id: &str) -> Result<Profile, StoreError> {
        let at = Row::new("agents", id);
        let label =
            |column, text: Option<String>| at.optional(column, text.as_deref(), Label::parse);
        Ok(Profile {
            name: at.read("name", Label::parse(&self.name))?,
            external_id: label("external_id", self.external_id)?,
            voice: label("voice", self.voice)?,
            model: label("model", self.model)?,
            language: label("language", self.language)?,
            parameters: at.read("parameters", json::read_parameters(&self.parameters))?,
            relay: at.read("relay", json::read_relay(&self.relay))?,
            voice_target: match (self.voice_twilio, self.voice_target_kind) {
                (Some(url), _) => {
                    let url = at.read("voice_twilio", WebUrl::parse(&url))?;
                    Some(VoiceTarget::Twilio(url))
                }
                (None, Some(kind)) => Some(voice_target(at, &kind, self.voice_target_value)?),
                (None, None) => None,
            },
            message_target: match (
                self.message_webhook,
                self.message_twilio,
                self.message_chat,
                self.message_target_kind,
            ) {
                (Some(url), ..) => {
                    let url = at.read("message_webhook", WebUrl::parse(&url))?;
                    Some(MessageTarget::Webhook(url))
                }
                (_, Some(url), ..) => {
                    let url = at.read("message_twilio", WebUrl::parse(&url))?;
                    Some(MessageTarget::Twilio(url))
                }
                (_, _, Some(chat), _) => {
                    let chat = at.read("message_chat", json::read_chat_model(&chat))?;
                    Some(MessageTarget::ChatModel(chat))
                }
                (.., Some(kind)) => Some(message_target(at, &kind, self.message_target_value)?),
                (.., None) => None,
            },
            whatsapp_template: at.optional(
                "whatsapp_template",
                self.whatsapp_template.as_deref(),
                WhatsAppTemplate::parse,
            )?,
            state: at.word("state", AgentState::parse(&self.state))?,
        })
    }
}

fn voice_target(at: Row<'_>, kind: &str, value: Option<String>) -> Result<VoiceTarget, StoreError> {
    const VALUE: &str = "voice_target_value";
    let value = at.filled(VALUE, value)?;
    match kind {
        "stream" => at.read(VALUE, StreamUrl::parse(&value)).map(VoiceTarget::Stream),
        "conversation_relay" => {
            at.read(VALUE, StreamUrl::parse(&value)).map(VoiceTarget::ConversationRelay)
        }
        "redirect" => at.read(VALUE, WebUrl::parse(&value)).map(VoiceTarget::Redirect),
        "dial" => at.read(VALUE, PhoneNumber::parse(&value)).map(VoiceTarget::Dial),
        _ => at.word("voice_target_kind", None),
    }
}

fn message_target(
    at: Row<'_>,
    kind: &str,
    value: Option<String>,
) -> Result<MessageTarget, StoreError> {
    const VALUE: &str = "message_target_value";
    let value = at.filled(VALUE, value)?;
    match kind {
        "reply" => at.read(VALUE, Reply::parse(&value)).map(MessageTarget::Reply),
        "redirect" => at.read(VALUE, WebUrl::parse(&value)).map(MessageTarget::Redirect),
        _ => at.word("message_target_kind", None),
    }
}
