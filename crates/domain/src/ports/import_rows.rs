//! Rows of an import as unparsed text, from CSV files or from a legacy system.

use std::fmt;
use std::sync::Arc;

use crate::phone_number::Masked;
use crate::secret::Secret;

/// All rows of an import. A table that the source does not have is empty.
#[derive(Clone, Debug, Default)]
pub struct ImportRows {
    /// The rows of accounts.csv.
    pub accounts: ImportTable<AccountRow>,
    /// The rows of agents.csv.
    pub agents: ImportTable<AgentRow>,
    /// The rows of numbers.csv.
    pub numbers: ImportTable<NumberRow>,
}

/// The rows of one file or database table.
#[derive(Clone, Debug)]
pub struct ImportTable<T> {
    /// The path as the operator wrote it, or the name of the database table.
    pub name: Arc<str>,
    /// Columns that the source names differently than the fields of the row type: (field, name in the source).
    pub renamed: Vec<(&'static str, String)>,
    /// The rows in the order of the source.
    pub rows: Vec<ImportRow<T>>,
}

/// A row with its position or key.
#[derive(Clone, Debug)]
pub struct ImportRow<T> {
    /// What identifies the row within its table.
    pub key: RowKey,
    /// The cells.
    pub value: T,
}

/// What identifies a row within its table. It is shown to operators, so it never contains a whole phone number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowKey {
    /// The line of a file on which the row starts, counted from 1.
    Line(u64),
    /// The key of a database row: see [`RowKey::of_text`] and [`RowKey::of_phone_number`].
    Key(String),
}

impl RowKey {
    /// The key without its control characters, so that it stays on one line.
    pub fn of_text(key: &str) -> Self {
        Self::Key(key.chars().filter(|character| !character.is_control()).collect())
    }

    /// The last two digits of a phone number.
    pub fn of_phone_number(phone_number: &str) -> Self {
        Self::Key(Masked::new(phone_number.trim()).to_string())
    }
}

/// An account. An empty text means that there is no value.
#[derive(Clone, Debug)]
pub struct AccountRow {
    /// `sid`
    pub sid: String,
    /// `name`
    pub name: String,
    /// `auth_token`; if empty, a stored account keeps its token.
    pub auth_token: Secret,
    /// `parent_sid`
    pub parent_sid: String,
    /// `region`; `None` if the source has no such column.
    pub region: Option<String>,
}

/// An agent. An empty text means that there is no value. `Debug` shows its external id and its name only.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct AgentRow {
    /// `external_id`
    pub external_id: String,
    /// `name`
    pub name: String,
    /// `prompt`
    pub prompt: String,
    /// `voice`
    pub voice: String,
    /// `model`
    pub model: String,
    /// `language`
    pub language: String,
    /// `stream_url`
    pub stream_url: String,
    /// `reply`: a static reply to messages.
    pub reply: String,
    /// `parameters`: the agent's own parameters, form-encoded; if empty, a stored agent keeps its own.
    pub parameters: String,
    /// The columns that only an export of this system has.
    pub more: AgentColumns,
}

/// Columns of an agent that a source may lack: of such a column (`None`), a stored agent keeps its value. An empty text
/// means that there is no value. `Debug` leaves out the values, one of which is a phone number.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct AgentColumns {
    /// `relay_url`: a server for `ConversationRelay`.
    pub relay_url: Option<String>,
    /// `voice_redirect_url`
    pub voice_redirect_url: Option<String>,
    /// `dial`: a phone number.
    pub dial: Option<String>,
    /// `message_redirect_url`
    pub message_redirect_url: Option<String>,
    /// `message_webhook`: the URL of the agent's endpoint.
    pub message_webhook: Option<String>,
    /// `voice_twilio`: the URL of the agent's handler that answers calls.
    pub voice_twilio: Option<String>,
    /// `message_twilio`: the URL of the agent's endpoint that takes Twilio's form.
    pub message_twilio: Option<String>,
    /// `chat_model`: the name of a chat model.
    pub chat_model: Option<String>,
    /// `chat_url`: its base URL.
    pub chat_url: Option<String>,
    /// `chat_max_tokens`: the completion tokens of one reply.
    pub chat_max_tokens: Option<String>,
    /// `chat_daily_limit`: the completion tokens of a day.
    pub chat_daily_limit: Option<String>,
    /// `whatsapp_template`: the SID of a template, with form-encoded variables after a question mark.
    pub whatsapp_template: Option<String>,
    /// `relay_attributes`, form-encoded.
    pub relay_attributes: Option<String>,
    /// `state`
    pub state: Option<String>,
    /// `capacity`
    pub capacity: Option<String>,
    /// `hours`, as a document.
    pub hours: Option<String>,
    /// `health_url`
    pub health_url: Option<String>,
}

/// A number. An empty text means that there is no value. `Debug` leaves the number out, because it is unparsed.
#[derive(Clone, Default)]
pub struct NumberRow {
    /// `phone_number`
    pub phone_number: String,
    /// `account_sid`; `None` if the main account owns the number. Only a legacy system has such
    /// numbers.
    pub account_sid: Option<String>,
    /// `account_token`: the auth token of that account. `None` if the source has no such column.
    pub account_token: Option<Secret>,
    /// `agent_external_id`
    pub agent_external_id: String,
    /// `channels`; `None` if the source has no such column.
    pub channels: Option<String>,
    /// `repair`; `None` if the source has no such column.
    pub repair: Option<String>,
}

impl fmt::Debug for AgentRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AgentRow")
            .field("external_id", &self.external_id)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl<T> Default for ImportTable<T> {
    fn default() -> Self {
        Self { name: "".into(), renamed: Vec::new(), rows: Vec::new() }
    }
}

impl<T> ImportTable<T> {
    /// The name that the source uses for a field of the row type.
    pub fn column<'a>(&'a self, field: &'a str) -> &'a str {
        let renamed =
            self.renamed.iter().find(|(ours, theirs)| *ours == field && !theirs.is_empty());
        renamed.map_or(field, |(_, theirs)| theirs.as_str())
    }
}

impl fmt::Debug for AgentColumns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AgentColumns").finish_non_exhaustive()
    }
}

impl fmt::Debug for NumberRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NumberRow")
            .field("account_sid", &self.account_sid)
            .field("account_token", &self.account_token)
            .field("agent_external_id", &self.agent_external_id)
            .field("channels", &self.channels)
            .field("repair", &self.repair)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{AgentColumns, AgentRow, NumberRow, RowKey};
    use crate::secret::Secret;

    #[test]
    fn debug_shows_neither_number_nor_token() {
        let row = NumberRow {
            phone_number: "+14155550142".to_owned(),
            account_sid: Some("AC1".to_owned()),
            account_token: Some(Secret::new("deadbeef".to_owned())),
            ..NumberRow::default()
        };
        let shown = format!("{row:?}");
        assert!(shown.contains("AC1"), "{shown}");
        assert!(!shown.contains("4155550") && !shown.contains("deadbeef"), "{shown}");
    }

    #[test]
    fn debug_of_an_agent_shows_neither_prompt_nor_reply_nor_number() {
        let secret = || "+14155550142 secret".to_owned();
        let more = AgentColumns {
            dial: Some(secret()),
            relay_attributes: Some(secret()),
            hours: Some(secret()),
            ..AgentColumns::default()
        };
        let row = AgentRow {
            external_id: "sales".to_owned(),
            prompt: secret(),
            reply: secret(),
            parameters: secret(),
            more: more.clone(),
            ..AgentRow::default()
        };
        let shown = format!("{row:?} {more:?}");
        assert!(shown.contains("sales"), "{shown}");
        assert!(!shown.contains("secret") && !shown.contains("4155550"), "{shown}");
    }

    #[test]
    fn a_key_is_one_line_and_a_phone_number_is_masked() {
        assert_eq!(RowKey::of_text("a\nb"), RowKey::Key("ab".to_owned()));
        let masked = RowKey::of_phone_number(" +1 (415) 555-0142");
        assert_eq!(masked, RowKey::Key("…42".to_owned()));
    }
}
