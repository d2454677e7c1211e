//! The keys of agents' chat models.

use std::sync::Arc;

use switchboard_domain::agent::{Agent, MessageTarget};
use switchboard_domain::identifier::AgentId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{ChatModelStore, Randomness, Retry, StoreError};
use switchboard_domain::sealing::{AssociatedData, Keyring, OpenError, SealError, SecretVersion};
use switchboard_domain::secret::Secret;
use switchboard_domain::web_address::WebUrl;

/// Why the key of a chat model cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ChatKeyError {
    /// The store failed.
    #[error("the key of the chat model is not available")]
    Store(#[source] StoreError),
    /// A new key cannot be encrypted.
    #[error("the key of the chat model cannot be encrypted")]
    Seal(#[source] SealError),
    /// The stored key cannot be decrypted: it is the key of another URL, or the encryption key is missing.
    #[error("the key of the chat model cannot be decrypted, or is one for another URL")]
    Open(#[source] OpenError),
}

impl ChatKeyError {
    /// Whether the same request can succeed later.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Store(source) => source.retry(),
            Self::Seal(_) | Self::Open(_) => Retry::Never,
        }
    }
}

/// Encrypts and decrypts the keys of chat models. A key is sealed for the base URL of its model, so that it is never sent to
/// another server, whoever changes the URL.
#[derive(Clone)]
pub struct ChatKeys {
    /// The stored keys.
    pub store: Arc<dyn ChatModelStore>,
    /// Encrypts and decrypts them.
    pub keyring: Arc<Keyring>,
    /// Generates nonces and versions.
    pub randomness: Arc<dyn Randomness>,
}

impl ChatKeys {
    /// Stores the key for the model at this URL.
    pub async fn set(
        &self,
        scope: &Scope,
        agent: &Agent,
        url: &WebUrl,
        key: &Secret,
    ) -> Result<(), ChatKeyError> {
        let (mut version, mut nonce) = ([0; 8], [0; 12]);
        self.randomness.fill(&mut version);
        self.randomness.fill(&mut nonce);
        let row = row_key(&agent.id, url);
        let version = SecretVersion::replacement(version);
        let sealed = self.keyring.seal(&place(&row), version, key, nonce);
        let sealed = sealed.map_err(ChatKeyError::Seal)?;
        let stored = self.store.set_key(scope, &agent.id, Some(sealed)).await;
        stored.map_err(ChatKeyError::Store)
    }

    /// Stores the key of an agent that was added or changed. Without a new key, one for another URL or of an earlier chat
    /// model is removed. `key` is ignored if the agent has no chat model.
    pub async fn follow(
        &self,
        scope: &Scope,
        before: Option<&Agent>,
        agent: &Agent,
        key: Option<&Secret>,
    ) -> Result<(), ChatKeyError> {
        let chat = |agent: &Agent| {
            agent.profile.message_target.as_ref().and_then(MessageTarget::chat_model).cloned()
        };
        let (stored, now) = (before.and_then(chat), chat(agent));
        let is_for_another = match (&stored, &now) {
            (Some(stored), Some(now)) => stored.url != now.url,
            (Some(_), None) => true,
            (None, _) => false,
        };
        match (now, key) {
            (Some(chat), Some(key)) => self.set(scope, agent, &chat.url, key).await,
            _ if is_for_another => self.remove(scope, &agent.id).await,
            _ => Ok(()),
        }
    }

    /// Removes the key of an agent.
    pub async fn remove(&self, scope: &Scope, agent: &AgentId) -> Result<(), ChatKeyError> {
        self.store.set_key(scope, agent, None).await.map_err(ChatKeyError::Store)
    }

    /// The key for the model at this URL; `None` if the agent has none.
    pub(crate) async fn open(
        &self,
        scope: &Scope,
        agent: &AgentId,
        url: &WebUrl,
    ) -> Result<Option<Secret>, ChatKeyError> {
        let sealed = self.store.key(scope, agent).await.map_err(ChatKeyError::Store)?;
        let row = row_key(agent, url);
        let open = |sealed| self.keyring.open(&place(&row), &sealed).map_err(ChatKeyError::Open);
        sealed.map(open).transpose()
    }
}

fn row_key(agent: &AgentId, url: &WebUrl) -> String {
    format!("{agent} {}", url.as_str())
}

const fn place(key: &str) -> AssociatedData<'_> {
    AssociatedData { table: "chat_keys", column: "sealed", key }
}
