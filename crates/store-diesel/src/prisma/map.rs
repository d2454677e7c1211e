//! Which tables and columns of a legacy database hold what.

use std::collections::BTreeMap;

/// The tables and columns of a legacy database. The default is the documented schema.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrismaMap {
    /// The table of agents.
    pub agents: AgentMap,
    /// The table of numbers.
    pub numbers: NumberMap,
    /// A table of accounts with their tokens, if there is one.
    pub accounts: Option<AccountMap>,
}

/// A column that may be missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// The default column, if the table has it.
    Default(&'static str),
    /// A column that the map names, so the table must have it.
    Named(String),
    /// No column has it.
    None,
}

impl Column {
    /// Its name in the source.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Default(name) => name,
            Self::Named(name) => name,
            Self::None => "",
        }
    }
}

/// The table of agents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentMap {
    /// The table.
    pub table: String,
    /// The id that numbers refer to.
    pub external_id: String,
    /// The name.
    pub name: Column,
    /// The prompt.
    pub prompt: Column,
    /// The voice.
    pub voice: Column,
    /// The model.
    pub model: Column,
    /// The language.
    pub language: Column,
    /// The URL of the voice server.
    pub stream_url: Column,
}

/// The table of numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberMap {
    /// The table.
    pub table: String,
    /// The id of the row, by which errors name it. Without the column, they name it by the last digits of the number.
    pub id: Column,
    /// The number.
    pub phone_number: String,
    /// The id of the agent.
    pub agent_external_id: Column,
    /// The SID of the account or subaccount.
    pub account_sid: Column,
    /// Its token.
    pub account_token: Column,
    /// Whether the number belongs to a subaccount. Without the column, it does if it has an SID.
    pub is_subaccount: Column,
}

/// A table of accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountMap {
    /// The table.
    pub table: String,
    /// The SID.
    pub sid: String,
    /// The token.
    pub auth_token: String,
    /// The name; without one, the SID.
    pub name: Column,
    /// The SID of the parent account.
    pub parent_sid: Column,
}

impl Default for AgentMap {
    fn default() -> Self {
        Self {
            table: "Chatbot".to_owned(),
            external_id: "id".to_owned(),
            name: Column::Default("name"),
            prompt: Column::Default("prompt"),
            voice: Column::Default("voice"),
            model: Column::Default("model"),
            language: Column::None,
            stream_url: Column::None,
        }
    }
}

impl Default for NumberMap {
    fn default() -> Self {
        Self {
            table: "TwilioPhoneNumber".to_owned(),
            id: Column::Default("id"),
            phone_number: "phoneNumber".to_owned(),
            agent_external_id: Column::Named("chatbotId".to_owned()),
            account_sid: Column::Default("subaccountSid"),
            account_token: Column::Default("subaccountAuthToken"),
            is_subaccount: Column::Default("isSubaccount"),
        }
    }
}

/// Why a map cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrismaMapError {
    /// The map has a table of another name.
    #[error("{name} is not one of agents, numbers, accounts")]
    Table {
        /// The name.
        name: String,
    },
    /// A table of the map has a key of another name.
    #[error("{table}.{key} is unknown; the keys of {table} are {known}")]
    Key {
        /// The table.
        table: &'static str,
        /// The key.
        key: String,
        /// The keys that exist.
        known: &'static str,
    },
    /// A required key is missing or empty.
    #[error("{table}.{key} is missing or empty")]
    Missing {
        /// The table.
        table: &'static str,
        /// The key.
        key: &'static str,
    },
}

const AGENT_KEYS: &str = "table, external_id, name, prompt, voice, model, language, stream_url";
const NUMBER_KEYS: &str =
    "table, id, phone_number, agent_external_id, account_sid, account_token, is_subaccount";
const ACCOUNT_KEYS: &str = "table, sid, auth_token, name, parent_sid";

impl PrismaMap {
    /// The map that names these columns in `agents`, `numbers` and `accounts`. What is left out has its default; an empty
    /// text means that no column has it.
    pub fn of(tables: &BTreeMap<String, BTreeMap<String, String>>) -> Result<Self, PrismaMapError> {
        let mut map = Self::default();
        for (name, keys) in tables {
            match name.as_str() {
                "agents" => keys.iter().try_for_each(|(key, value)| map.agents.set(key, value))?,
                "numbers" => {
                    keys.iter().try_for_each(|(key, value)| map.numbers.set(key, value))?;
                }
                "accounts" => map.accounts = Some(AccountMap::of(keys)?),
                _ => return Err(PrismaMapError::Table { name: name.clone() }),
            }
        }
        Ok(map)
    }
}

/// A column, or none for an empty text.
fn column(value: &str) -> Column {
    if value.trim().is_empty() { Column::None } else { Column::Named(value.to_owned()) }
}

/// A name that must not be empty.
fn required(table: &'static str, key: &'static str, value: &str) -> Result<String, PrismaMapError> {
    if value.trim().is_empty() {
        Err(PrismaMapError::Missing { table, key })
    } else {
        Ok(value.to_owned())
    }
}

impl AgentMap {
    fn set(&mut self, key: &str, value: &str) -> Result<(), PrismaMapError> {
        match key {
            "table" => self.table = required("agents", "table", value)?,
            "external_id" => self.external_id = required("agents", "external_id", value)?,
            "name" => self.name = column(value),
            "prompt" => self.prompt = column(value),
            "voice" => self.voice = column(value),
            "model" => self.model = column(value),
            "language" => self.language = column(value),
            "stream_url" => self.stream_url = column(value),
            _ => {
                let (table, key) = ("agents", key.to_owned());
                return Err(PrismaMapError::Key { table, key, known: AGENT_KEYS });
            }
        }
        Ok(())
    }
}

impl NumberMap {
    fn set(&mut self, key: &str, value: &str) -> Result<(), PrismaMapError> {
        match key {
            "table" => self.table = required("numbers", "table", value)?,
            "id" => self.id = column(value),
            "phone_number" => self.phone_number = required("numbers", "phone_number", value)?,
            "agent_external_id" => self.agent_external_id = column(value),
            "account_sid" => self.account_sid = column(value),
            "account_token" => self.account_token = column(value),
            "is_subaccount" => self.is_subaccount = column(value),
            _ => {
                let (table, key) = ("numbers", key.to_owned());
                return Err(PrismaMapError::Key { table, key, known: NUMBER_KEYS });
            }
        }
        Ok(())
    }
}

impl AccountMap {
    fn of(keys: &BTreeMap<String, String>) -> Result<Self, PrismaMapError> {
        let known: Vec<_> = ACCOUNT_KEYS.split(", ").collect();
        if let Some(key) = keys.keys().find(|key| !known.contains(&key.as_str())) {
            let (table, key) = ("accounts", key.clone());
            return Err(PrismaMapError::Key { table, key, known: ACCOUNT_KEYS });
        }
        let text = |key: &str| keys.get(key).map(String::as_str).unwrap_or_default();
        Ok(Self {
            table: required("accounts", "table", text("table"))?,
            sid: required("accounts", "sid", text("sid"))?,
            auth_token: required("accounts", "auth_token", text("auth_token"))?,
            name: column(text("name")),
            parent_sid: column(text("parent_sid")),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Column, PrismaMap, PrismaMapError};

    fn of(table: &str, keys: &[(&str, &str)]) -> Result<PrismaMap, PrismaMapError> {
        let keys = keys.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        PrismaMap::of(&BTreeMap::from([(table.to_owned(), keys.collect())]))
    }

    #[test]
    fn what_is_left_out_is_the_documented_schema() {
        assert_eq!(of("agents", &[]), Ok(PrismaMap::default()));
        let map = of("agents", &[("table", "bots"), ("voice", ""), ("prompt", "text")]).unwrap();
        assert_eq!((map.agents.table.as_str(), map.agents.external_id.as_str()), ("bots", "id"));
        assert_eq!(map.agents.voice, Column::None);
        assert_eq!(map.agents.prompt, Column::Named("text".to_owned()));
        assert_eq!(map.agents.model, Column::Default("model"));
    }

    #[test]
    fn an_unknown_key_is_reported_with_those_that_exist() {
        let error = of("agents", &[("colour", "c")]).unwrap_err().to_string();
        assert!(error.contains("agents.colour is unknown") && error.contains("stream_url"));
        assert!(of("bots", &[]).unwrap_err().to_string().starts_with("bots is not one of agents"));
        let error = of("accounts", &[("table", "a")]).unwrap_err();
        assert_eq!(error, PrismaMapError::Missing { table: "accounts", key: "sid" });
        assert!(of("numbers", &[("phone_number", " ")]).is_err());
    }
}
