//! The keys of agents' chat models.

use std::sync::Arc;

use switchboard_domain::audit::Author;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{ChatModelStore, Randomness, Retry, StoreError, chat_key_row};
use switchboard_domain::sealing::{AssociatedData, Keyring, OpenError, SealError, SecretVersion};
use switchboard_domain::secret::Secret;
use switchboard_domain::web_address::WebUrl;

/// Why the key of a chat model cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ChatKeyError {
    /// The store failed.
    #[error("the key of the chat model is not available")]
    Store(#[source] StoreError),
    /// Others have given the agent another URL since it was read. The key is not stored.
    #[error("others have changed the URL of the chat model, and the key is not for the new one")]
    Elsewhere,
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
            // A repetition would store the key for the new URL, and whoever gave it may not know that URL.
            Self::Elsewhere | Self::Seal(_) | Self::Open(_) => Retry::Never,
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
    /// Stores the key for the model at this URL. Fails with [`ChatKeyError::Elsewhere`] if the agent does not have its model
    /// there any more.
    pub async fn set(
        &self,
        author: &Author,
        agent: &AgentId,
        url: &WebUrl,
        key: &Secret,
    ) -> Result<(), ChatKeyError> {
        let (mut version, mut nonce) = ([0; 8], [0; 12]);
        self.randomness.fill(&mut version);
        self.randomness.fill(&mut nonce);
        let row = chat_key_row(agent.as_str(), url);
        let version = SecretVersion::replacement(version);
        let sealed = self.keyring.seal(&place(&row), version, key, nonce);
        let sealed = sealed.map_err(ChatKeyError::Seal)?;
        self.store.set_key(author, agent, url, sealed).await.map_err(|error| match error {
            StoreError::Changed { .. } => ChatKeyError::Elsewhere,
            error @ (StoreError::Unavailable { .. }
            | StoreError::Exists { .. }
            | StoreError::Missing { .. }
            | StoreError::InUse { .. }
            | StoreError::Full { .. }
            | StoreError::Corrupt { .. }
            | StoreError::Failed { .. }) => ChatKeyError::Store(error),
        })
    }

    /// The key for the model at this URL; `None` if the agent has none.
    pub(crate) async fn open(
        &self,
        scope: &Scope,
        agent: &AgentId,
        url: &WebUrl,
    ) -> Result<Option<Secret>, ChatKeyError> {
        let sealed = self.store.key(scope, agent).await.map_err(ChatKeyError::Store)?;
        let row = chat_key_row(agent.as_str(), url);
        let open = |sealed| self.keyring.open(&place(&row), &sealed).map_err(ChatKeyError::Open);
        sealed.map(open).transpose()
    }
}

const fn place(key: &str) -> AssociatedData<'_> {
    AssociatedData { table: "chat_keys", column: "sealed", key }
}
