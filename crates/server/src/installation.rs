//! What commands and the server work with: settings, store, clock, randomness and encryption keys.

use std::sync::Arc;

use switchboard_application::{ConsentGate, ConversationIds};
use switchboard_application_carrier::connect::{InviteAccount, RemoveDisconnected};
use switchboard_application_delivery::{
    AgentSecrets, ChatKeys, ConfigureAgent, ReplayDeliveries, SecretSource, SendMessage,
    Subscriptions, WebhookSecrets,
};
use switchboard_application_management::jobs::Jobs;
use switchboard_application_management::routing_plans::ChangeLimits;
use switchboard_application_management::{
    AccountRef, Accounts, Agents, Answerers, ApiKeys, Enforcement, EraseContact, Numbers,
    Organizations, Prune, TokenSealer,
};
use switchboard_domain::agent::Label;
use switchboard_domain::audit::{Actor, Author, BackgroundTask};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::Store;
use switchboard_domain::sid::AccountSid;

use crate::ambient::Ambient;
use crate::encryption_keys;
use crate::failure::{Doing as _, Failure};
use crate::settings::Settings;
use crate::telemetry;
use crate::wiring::{self, Preparation};

/// An installation: its settings, and its database, opened.
pub(crate) struct Installation {
    pub(crate) settings: Settings,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) ambient: Ambient,
    /// What changes the configuration: this command, or the server that starts.
    pub(crate) actor: Actor,
}

impl Installation {
    /// Opens the database for one command. It has to exist and be migrated.
    pub(crate) async fn open(settings: Settings) -> Result<Self, Failure> {
        telemetry::start_command_logging();
        Self::prepared(settings, Preparation::Unchanged, Actor::CommandLine(user())).await
    }

    /// Opens the database to serve. It is migrated, and created if it is the default one.
    pub(crate) async fn open_to_serve(settings: Settings) -> Result<Self, Failure> {
        let is_default = settings.database.is_default;
        let preparation = if is_default { Preparation::Create } else { Preparation::Migrate };
        let actor = Actor::Background(BackgroundTask::Start);
        Self::prepared(settings, preparation, actor).await
    }

    async fn prepared(
        mut settings: Settings,
        preparation: Preparation,
        actor: Actor,
    ) -> Result<Self, Failure> {
        let store = wiring::open(&settings.database.location, preparation).await;
        let store = store.doing("opening the database")?;
        if !settings.public_urls.is_given {
            let stored = store.public_url().find().await;
            settings.public_urls.or_stored(stored.doing("reading the stored public URL")?);
        }
        Ok(Self { settings, store, ambient: Ambient::system(), actor })
    }

    /// The author of a change that is made now, with access to everything.
    pub(crate) fn author(&self) -> Author {
        Author::new(Scope::Operator, self.actor.clone(), None, self.ambient.clock.now())
    }

    /// The encryption keys, for commands that encrypt or decrypt tokens.
    pub(crate) async fn sealer(&self) -> Result<TokenSealer, Failure> {
        let (accounts, randomness) = (self.store.accounts(), &self.ambient.randomness);
        let keyring = encryption_keys::keyring(&self.settings, accounts, randomness.as_ref()).await;
        let keyring = keyring.doing("loading the encryption keys")?;
        Ok(TokenSealer { keyring, randomness: randomness.clone() })
    }

    /// The secrets of agents.
    pub(crate) fn agent_secrets(&self, sealer: TokenSealer) -> AgentSecrets {
        let TokenSealer { keyring, randomness } = sealer;
        let (store, clock) = (self.store.clone(), self.ambient.clock.clone());
        AgentSecrets {
            chat: ChatKeys {
                store: store.clone(),
                keyring: Arc::clone(&keyring),
                randomness: Arc::clone(&randomness),
            },
            webhooks: WebhookSecrets { store, keyring, randomness, clock },
        }
    }

    /// The subscriptions to events.
    pub(crate) async fn subscriptions(&self) -> Result<Subscriptions, Failure> {
        let TokenSealer { keyring, randomness } = self.sealer().await?;
        let (store, identifiers) = (self.store.clone(), self.ambient.identifiers.clone());
        let clock = self.ambient.clock.clone();
        let secrets = store.clone();
        Ok(Subscriptions { store, secrets, keyring, randomness, identifiers, clock })
    }

    /// The use cases of accounts.
    pub(crate) async fn accounts(&self) -> Result<Accounts, Failure> {
        Ok(Accounts {
            store: self.store.clone(),
            sealer: self.sealer().await?,
            clock: self.ambient.clock.clone(),
        })
    }

    /// The use case that makes the links by which customers connect accounts.
    pub(crate) async fn inviting(&self) -> Result<InviteAccount, Failure> {
        const TWILIO: &str = "https://www.twilio.com";
        let api_url = self.settings.carrier.api_url.as_ref().map(url::Url::as_str);
        Ok(InviteAccount {
            app: self.settings.connect_app,
            authorize_base: api_url.unwrap_or(TWILIO).trim_end_matches('/').to_owned(),
            links: self.store.clone(),
            keys: Arc::new(self.sealer().await?.keyring.session_keys()),
            randomness: self.ambient.randomness.clone(),
            clock: self.ambient.clock.clone(),
        })
    }

    /// The use case that deletes accounts that were disconnected for too long to be restored.
    pub(crate) fn removing_disconnected(&self) -> RemoveDisconnected {
        RemoveDisconnected {
            accounts: self.store.clone(),
            numbers: self.store.clone(),
            clock: self.ambient.clock.clone(),
        }
    }

    /// The use case that counts what enforcing signatures refuses.
    pub(crate) fn enforcement(&self) -> Enforcement {
        Enforcement {
            history: self.store.clone(),
            verifications: self.store.clone(),
            installation: self.settings.validation,
            clock: self.ambient.clock.clone(),
        }
    }

    /// The SID of an account that is named by its SID or name. A given SID is not looked up.
    pub(crate) async fn account_sid(&self, account: &AccountRef) -> Result<AccountSid, Failure> {
        let sid = account.sid(self.store.accounts(), &Scope::Operator).await;
        sid.doing("finding the account")
    }

    /// Who answers numbers.
    pub(crate) fn answerers(&self) -> Answerers {
        Answerers::new(self.store.clone(), Scope::Operator)
    }

    /// The use cases of organizations.
    pub(crate) fn organizations(&self) -> Organizations {
        Organizations {
            store: self.store.clone(),
            identifiers: self.ambient.identifiers.clone(),
            clock: self.ambient.clock.clone(),
        }
    }

    /// The use cases of jobs.
    pub(crate) fn jobs(&self) -> Jobs {
        Jobs {
            store: self.store.clone(),
            randomness: self.ambient.randomness.clone(),
            clock: self.ambient.clock.clone(),
        }
    }

    /// The use cases of API keys.
    pub(crate) fn api_keys(&self) -> ApiKeys {
        ApiKeys {
            store: self.store.clone(),
            organizations: self.store.clone(),
            attempts: Arc::default(),
            randomness: self.ambient.randomness.clone(),
            identifiers: self.ambient.identifiers.clone(),
            clock: self.ambient.clock.clone(),
        }
    }

    /// The use cases of agents.
    pub(crate) fn agents(&self) -> Agents {
        Agents {
            store: self.store.clone(),
            plans: self.store.clone(),
            codec: wiring::plan_codec(),
            identifiers: self.ambient.identifiers.clone(),
            clock: self.ambient.clock.clone(),
        }
    }

    /// The use case that adds and changes agents.
    pub(crate) fn configuring(&self) -> ConfigureAgent {
        let targets = self.store.clone();
        ConfigureAgent { agents: self.agents(), targets, limits: self.limits() }
    }

    /// The limits of agents.
    pub(crate) fn limits(&self) -> ChangeLimits {
        ChangeLimits { catalogue: self.store.clone(), codec: wiring::plan_codec() }
    }

    /// The use case that sends messages.
    pub(crate) fn sending(&self) -> SendMessage {
        let identifiers = self.ambient.identifiers.clone();
        let conversations = ConversationIds::new(self.store.clone(), identifiers.clone());
        SendMessage {
            numbers: self.store.clone(),
            outgoing: self.store.clone(),
            conversations: Arc::new(conversations),
            consent: ConsentGate {
                consents: self.store.clone(),
                messages: self.store.clone(),
                contacts: self.store.clone(),
            },
            identifiers,
            clock: self.ambient.clock.clone(),
        }
    }

    /// The use case that attempts dead deliveries again.
    pub(crate) fn replaying_deliveries(&self) -> ReplayDeliveries {
        ReplayDeliveries {
            deliveries: self.store.clone(),
            dead: self.store.clone(),
            messages: self.store.clone(),
        }
    }

    /// The deletion of old records.
    pub(crate) fn prune(&self) -> Prune {
        Prune {
            store: self.store.clone(),
            clock: self.ambient.clock.clone(),
            policy: self.settings.retention.clone(),
        }
    }

    /// The erasure of contacts.
    pub(crate) fn erasing(&self) -> EraseContact {
        let store = &self.store;
        EraseContact { store: store.clone(), numbers: store.clone(), consents: store.clone() }
    }

    /// The use cases of numbers.
    pub(crate) fn numbers(&self) -> Numbers {
        Numbers {
            store: self.store.clone(),
            accounts: self.store.clone(),
            agents: self.store.clone(),
            clock: self.ambient.clock.clone(),
        }
    }
}

/// The user of the operating system, as the shell names it.
pub(crate) fn user() -> Option<Label> {
    ["SUDO_USER", "USER", "LOGNAME", "USERNAME"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().and_then(|user| Label::parse(&user).ok()))
}

/// The encryption keys are loaded, and created if there are none, only for a command that needs them.
impl SecretSource for Installation {
    type Error = Failure;

    async fn secrets(&self) -> Result<AgentSecrets, Failure> {
        Ok(self.agent_secrets(self.sealer().await?))
    }
}
