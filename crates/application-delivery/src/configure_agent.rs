//! Adds and changes agents together with what belongs to them: limits, the key of the chat model, and the secret of the endpoint.

use std::convert::Infallible;
use std::sync::Arc;

use switchboard_application_management::routing_plans::{ChangeLimits, LimitChange, PlanError};
use switchboard_application_management::{AgentChange, Agents, Edit, ManageError, NewAgent};
use switchboard_domain::agent::{Agent, MessageTarget};
use switchboard_domain::audit::Author;
use switchboard_domain::ports::{GoneTargetStore, Retry, StoreError};
use switchboard_domain::secret::Secret;
use switchboard_domain::web_address::WebUrl;

use crate::{ChatKeyError, ChatKeys, SecretError, WebhookSecrets};

/// What is set and cleared of an agent.
#[derive(Default)]
pub struct AgentConfiguration {
    /// Its fields.
    pub agent: AgentChange,
    /// Its capacity, hours and health check.
    pub limits: LimitChange,
    /// The new key of its chat model; without one, a key for the same URL stays.
    pub chat_key: Option<Secret>,
    /// Messages are delivered to an endpoint that answered 410 again. A new target is enabled in any case.
    pub enable_target: bool,
}

impl AgentConfiguration {
    /// Whether calls or messages are sent elsewhere.
    pub fn is_retargeting(&self) -> bool {
        self.agent.message_target != Edit::Keep || self.agent.voice_target != Edit::Keep
    }
}

/// Which state of an agent a change is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpectedState {
    /// Any: what others change at the same time stays.
    Any,
    /// The one that was read. Otherwise, the change fails with [`ManageError::AgentChanged`].
    AsRead,
}

/// The secrets of agents.
#[derive(Clone)]
pub struct AgentSecrets {
    /// The secrets of endpoints and handlers.
    pub webhooks: WebhookSecrets,
    /// The keys of chat models.
    pub chat: ChatKeys,
}

/// Provides the secrets once they are needed: without them, no encryption key need be configured.
pub trait SecretSource: Sync {
    /// Why the encryption keys cannot be used.
    type Error;

    /// Opens the secrets.
    fn secrets(&self) -> impl Future<Output = Result<AgentSecrets, Self::Error>> + Send;
}

impl SecretSource for AgentSecrets {
    type Error = Infallible;

    async fn secrets(&self) -> Result<AgentSecrets, Infallible> {
        Ok(self.clone())
    }
}

/// An agent that was added or changed.
pub struct ConfiguredAgent {
    /// The agent as it is stored.
    pub agent: Agent,
    /// The secret of its first endpoint or handler, which is shown only once; `None` if it has neither, or has its secret.
    pub secret: Option<Secret>,
}

/// Why an agent was not configured. `E` is the error of its [`SecretSource`].
#[derive(Debug)]
pub enum ConfigureError<E> {
    /// The agent cannot be added or changed.
    Agent(ManageError),
    /// The limits are refused; nothing is changed.
    Limits(PlanError),
    /// A key is given for an agent without a chat model; nothing is changed.
    NoChatModel,
    /// The endpoint cannot be enabled.
    Target(StoreError),
    /// The encryption keys cannot be used.
    Keys(E),
    /// The key of the chat model cannot be stored.
    ChatKey(ChatKeyError),
    /// The secret of the endpoint cannot be created.
    Secret(SecretError),
}

impl<E> ConfigureError<E> {
    /// Whether the same change can succeed later.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Agent(error) => error.retry(),
            Self::Limits(error) => error.retry(),
            Self::NoChatModel | Self::Keys(_) => Retry::Never,
            Self::Target(error) => error.retry(),
            Self::ChatKey(error) => error.retry(),
            Self::Secret(error) => error.retry(),
        }
    }
}

/// Adds and changes agents.
pub struct ConfigureAgent {
    /// Their fields.
    pub agents: Agents,
    /// Their message targets that answered 410.
    pub targets: Arc<dyn GoneTargetStore>,
    /// Their limits.
    pub limits: ChangeLimits,
}

impl ConfigureAgent {
    /// Adds an agent.
    pub async fn add<S: SecretSource>(
        &self,
        author: &Author,
        new: NewAgent,
        chat_key: Option<&Secret>,
        source: &S,
    ) -> Result<ConfiguredAgent, ConfigureError<S::Error>> {
        refuse_unused_key(chat_key, new.profile.message_target.as_ref())?;
        let agent = self.agents.add(author, new).await.map_err(ConfigureError::Agent)?;
        let url = MessageTarget::chat_url(agent.profile.message_target.as_ref()).cloned();
        with_secrets(author, agent, url.zip(chat_key), source).await
    }

    /// Changes an agent that was just read. Limits are changed first, because they can be refused; they stay changed if the
    /// agent's other fields were changed by others at the same time. A key is for the URL that the change sets, or else for the
    /// one that was read: if others change the URL in between, the key is not stored.
    pub async fn change<S: SecretSource>(
        &self,
        author: &Author,
        read: Agent,
        expected: ExpectedState,
        change: AgentConfiguration,
        source: &S,
    ) -> Result<ConfiguredAgent, ConfigureError<S::Error>> {
        let is_enabling = change.enable_target || change.is_retargeting();
        let AgentConfiguration { agent: edited, limits, chat_key, .. } = change;
        let target = edited.message_target.clone().apply(read.profile.message_target.clone());
        refuse_unused_key(chat_key.as_ref(), target.as_ref())?;
        let url = MessageTarget::chat_url(target.as_ref()).cloned();
        if limits != LimitChange::default() {
            let changed = self.limits.change(author, &read, limits).await;
            changed.map_err(ConfigureError::Limits)?;
        }
        let changed = self.changed(author, read, expected, edited).await;
        let agent = changed.map_err(ConfigureError::Agent)?;
        if is_enabling {
            let enabled = self.targets.enable_target(author, &agent.id).await;
            enabled.map_err(ConfigureError::Target)?;
        }
        with_secrets(author, agent, url.zip(chat_key.as_ref()), source).await
    }

    async fn changed(
        &self,
        author: &Author,
        read: Agent,
        expected: ExpectedState,
        change: AgentChange,
    ) -> Result<Agent, ManageError> {
        match expected {
            ExpectedState::AsRead => self.agents.change_as_read(author, &read, change).await,
            ExpectedState::Any if change == AgentChange::default() => Ok(read),
            ExpectedState::Any => {
                let changed = self.agents.change(author, read.id.as_str(), change).await?;
                Ok(changed.agent)
            }
        }
    }
}

fn refuse_unused_key<E>(
    chat_key: Option<&Secret>,
    target: Option<&MessageTarget>,
) -> Result<(), ConfigureError<E>> {
    if chat_key.is_some() && MessageTarget::chat_url(target).is_none() {
        return Err(ConfigureError::NoChatModel);
    }
    Ok(())
}

/// Stores the secrets of an agent that was added or changed. The key of its chat model comes with the URL that it is for.
async fn with_secrets<S: SecretSource>(
    author: &Author,
    agent: Agent,
    chat_key: Option<(WebUrl, &Secret)>,
    source: &S,
) -> Result<ConfiguredAgent, ConfigureError<S::Error>> {
    let is_signed = agent.profile.is_signed();
    if chat_key.is_none() && !is_signed {
        return Ok(ConfiguredAgent { agent, secret: None });
    }
    let secrets = source.secrets().await.map_err(ConfigureError::Keys)?;
    if let Some((url, key)) = chat_key {
        let stored = secrets.chat.set(author, &agent.id, &url, key).await;
        stored.map_err(ConfigureError::ChatKey)?;
    }
    let secret = if is_signed {
        secrets.webhooks.ensure(author, &agent).await.map_err(ConfigureError::Secret)?
    } else {
        None
    };
    Ok(ConfiguredAgent { agent, secret })
}
