//! The rows of import files, as text that nobody has looked at yet.

use std::sync::Arc;

use switchboard_domain::secret::Secret;

/// A row and the line on which it starts.
#[derive(Clone, Debug)]
pub struct Row<T> {
    /// The line, counted from 1.
    pub line: u64,
    /// What stands there.
    pub value: T,
}

/// The rows of one file.
#[derive(Clone, Debug)]
pub struct Sheet<T> {
    /// The file, as the operator named it.
    pub file: Arc<str>,
    /// Its rows.
    pub rows: Vec<Row<T>>,
}

impl<T> Default for Sheet<T> {
    fn default() -> Self {
        Self { file: "".into(), rows: Vec::new() }
    }
}

/// All files of an import. One that was not given has no rows.
#[derive(Clone, Debug, Default)]
pub struct Sheets {
    /// Accounts.
    pub accounts: Sheet<AccountRow>,
    /// Agents.
    pub agents: Sheet<AgentRow>,
    /// Numbers.
    pub numbers: Sheet<NumberRow>,
}

/// A row of the accounts' file. An empty text is none.
#[derive(Clone, Debug)]
pub struct AccountRow {
    /// `sid`
    pub sid: String,
    /// `name`
    pub name: String,
    /// `auth_token`: an account that is known here keeps its own if there is none.
    pub auth_token: Secret,
    /// `parent_sid`
    pub parent_sid: String,
}

/// A row of the agents' file. An empty text is none.
#[derive(Clone, Debug, Default)]
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
}

/// A row of the numbers' file. An empty text is none.
#[derive(Clone, Default)]
pub struct NumberRow {
    /// `phone_number`
    pub phone_number: String,
    /// `account_sid`
    pub account_sid: String,
    /// `agent_external_id`
    pub agent_external_id: String,
}

/// The number has not been parsed yet, so it is left out rather than masked.
impl std::fmt::Debug for NumberRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NumberRow")
            .field("account_sid", &self.account_sid)
            .field("agent_external_id", &self.agent_external_id)
            .finish_non_exhaustive()
    }
}
