//! All stored secrets that are sealed, wherever they are, so that each can be sealed with another key.

use async_trait::async_trait;

use super::{Page, StoreError};
use crate::account::{API_KEY_SECRET, NEXT_TOKEN, PRIMARY_TOKEN};
use crate::sealing::{AssociatedData, Sealed};
use crate::web_address::WebUrl;

/// A column with sealed secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SealedColumn {
    /// The auth tokens of accounts.
    AccountToken,
    /// The next auth tokens of accounts, during a rotation.
    AccountNextToken,
    /// The secrets of the API keys of accounts.
    AccountApiKey,
    /// The secrets of agents' endpoints and handlers.
    AgentSecret,
    /// The keys of agents' chat models.
    ChatKey,
    /// The secrets of subscriptions.
    SubscriptionSecret,
}

impl SealedColumn {
    /// Every column. A test compares them with the columns of the database.
    pub const ALL: [Self; 6] = [
        Self::AccountToken,
        Self::AccountNextToken,
        Self::AccountApiKey,
        Self::AgentSecret,
        Self::ChatKey,
        Self::SubscriptionSecret,
    ];

    /// The table and the column, which the seal is bound to.
    pub const fn place(self) -> (&'static str, &'static str) {
        match self {
            Self::AccountToken => PRIMARY_TOKEN,
            Self::AccountNextToken => NEXT_TOKEN,
            Self::AccountApiKey => API_KEY_SECRET,
            Self::AgentSecret => ("agent_secrets", "sealed"),
            Self::ChatKey => ("chat_keys", "sealed"),
            Self::SubscriptionSecret => ("subscription_secrets", "sealed"),
        }
    }
}

/// The row of a sealed secret. Rows sort by their ids, then by their numbers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SealedRow {
    /// The id of the account, the agent or the subscription, as it is stored.
    pub id: String,
    /// Tells the secrets of an agent or a subscription apart; 0 if there is only one.
    pub number: i64,
}

/// A sealed secret, and where it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSecret {
    /// Its column.
    pub column: SealedColumn,
    /// Its row.
    pub row: SealedRow,
    /// The base URL of the chat model that it is the key of; `None` for another secret.
    pub url: Option<WebUrl>,
    /// The secret.
    pub sealed: Sealed,
}

impl StoredSecret {
    /// The key of the row, as the secret is sealed for it.
    pub fn key(&self) -> String {
        let SealedRow { id, number } = &self.row;
        match (self.column, &self.url) {
            (SealedColumn::AgentSecret | SealedColumn::SubscriptionSecret, _) => {
                format!("{id}/{number}")
            }
            (SealedColumn::ChatKey, Some(url)) => chat_key_row(id, url),
            _ => id.clone(),
        }
    }

    /// The location that the secret is sealed for. `key` is its key.
    pub const fn location<'a>(&self, key: &'a str) -> AssociatedData<'a> {
        let (table, column) = self.column.place();
        AssociatedData { table, column, key }
    }
}

/// The key of the row of a chat model's key, as it is sealed for it: the id of the agent, and the base URL of the model.
pub fn chat_key_row(agent: &str, url: &WebUrl) -> String {
    format!("{agent} {}", url.as_str())
}

/// Reads and replaces sealed secrets of all organizations. Only the operator of an installation has its encryption keys, so there is no
/// scope. Laws: `switchboard_contract::sealed_secrets`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait SealedSecretStore: Send + Sync {
    /// Lists the secrets of a column, ordered by row. The key of an agent that has no chat model any more is left out, because nothing
    /// uses it.
    async fn sealed(
        &self,
        column: SealedColumn,
        page: &Page<SealedRow>,
    ) -> Result<Vec<StoredSecret>, StoreError>;

    /// Replaces secrets by the same ones in another sealed form, in one transaction, and returns how many it replaced. A secret that is
    /// not stored any more exactly as it was read, with its version, MUST stay as it is, and does not keep others from being
    /// replaced. The version stays. MUST NOT record a change: the secrets are still the same.
    async fn reseal(&self, secrets: &[(StoredSecret, Sealed)]) -> Result<u64, StoreError>;
}
