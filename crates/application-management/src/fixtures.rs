//! Fixtures for tests of use cases: deterministic ambient ports, and accounts, agents and numbers.
#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a fixture that cannot be made fails the test"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use switchboard_domain::agent::{Agent, Label, MessageTarget, Profile, Prompt, Reply};
use switchboard_domain::audit::{Actor, Author};
use switchboard_domain::carrier::Region;
use switchboard_domain::identifier::{
    AgentId, ApiKeyId, ConversationId, DeliveryId, OrganizationId, PlanId, RejectionId,
    SubscriptionId,
};
use switchboard_domain::organization::{Scope, default_organization};
use switchboard_domain::plan::{
    HoursDocument, PlanDocument, PlanProblem, PlanSpec, Readable, ScheduleSpec,
};
use switchboard_domain::ports::{
    AccountStore, AgentStore, Clock, Identifiers, NumberStore, PlanCodec, PlanStore, Randomness,
};
use switchboard_domain::sealing::{EncryptionKey, KeyId, Keyring};
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;

use crate::{Accounts, Agents, AuthToken, NewAccount, NewAgent, NewNumber, Numbers, TokenSealer};

/// A command with access to everything.
pub const fn operator() -> Author {
    Author::new(Scope::Operator, Actor::CommandLine(None), None, Timestamp::from_seconds(0))
}

/// A clock that always returns 1,700,000,000 seconds, and counters as random bytes and identifiers.
#[derive(Default)]
pub struct Counting(AtomicU8);

impl Clock for Counting {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(1_700_000_000)
    }
}

impl Randomness for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0.fetch_add(1, Ordering::Relaxed));
    }
}

impl Identifiers for Counting {
    fn organization(&self) -> OrganizationId {
        OrganizationId::new(self.now(), [self.0.fetch_add(1, Ordering::Relaxed); 10])
    }

    fn agent(&self) -> AgentId {
        AgentId::new(self.now(), [self.0.fetch_add(1, Ordering::Relaxed); 10])
    }

    fn plan(&self) -> PlanId {
        PlanId::new(self.now(), [self.0.fetch_add(1, Ordering::Relaxed); 10])
    }

    fn conversation(&self) -> ConversationId {
        ConversationId::new(self.now(), [self.0.fetch_add(1, Ordering::Relaxed); 10])
    }

    fn delivery(&self) -> DeliveryId {
        DeliveryId::new(self.now(), [self.0.fetch_add(1, Ordering::Relaxed); 10])
    }

    fn subscription(&self) -> SubscriptionId {
        SubscriptionId::new(self.now(), [self.0.fetch_add(1, Ordering::Relaxed); 10])
    }

    fn api_key(&self) -> ApiKeyId {
        ApiKeyId::new(self.now(), [self.0.fetch_add(1, Ordering::Relaxed); 10])
    }

    fn rejection(&self) -> RejectionId {
        RejectionId::new(self.now(), [self.0.fetch_add(1, Ordering::Relaxed); 10])
    }
}

/// Ambient ports whose counters start at zero.
pub fn clock() -> Arc<Counting> {
    Arc::default()
}

/// Encrypts with a key that repeats this byte.
pub fn sealer_of(byte: u8) -> TokenSealer {
    let key = EncryptionKey::generate(KeyId::parse("k1").unwrap(), [byte; 32]).unwrap();
    TokenSealer { keyring: Arc::new(Keyring::new(vec![key]).unwrap()), randomness: clock() }
}

/// Encrypts with the key of all fixtures.
pub fn sealer() -> TokenSealer {
    sealer_of(1)
}

/// An account SID that repeats one hexadecimal digit.
pub fn sid(digit: char) -> AccountSid {
    AccountSid::parse(&format!("AC{}", digit.to_string().repeat(32))).unwrap()
}

/// A valid name.
pub fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

/// A valid auth token.
pub fn token(text: &str) -> AuthToken {
    AuthToken::parse(text).unwrap()
}

/// A number or another sender.
pub fn number(text: &str) -> Sender {
    Sender::parse(text).unwrap()
}

/// An enabled agent that replies "hello" to messages.
pub fn profile(name: &str, external_id: Option<&str>) -> Profile {
    Profile {
        external_id: external_id.map(label),
        message_target: Some(MessageTarget::Reply(Reply::parse("hello").unwrap())),
        ..Profile::named(label(name))
    }
}

/// A main account with the auth token `first-token`.
pub fn new_account(digit: char) -> NewAccount {
    NewAccount {
        sid: sid(digit),
        organization: default_organization(),
        name: label("Main"),
        parent: None,
        token: token("first-token"),
        next_token: None,
        api_key: None,
        region: Region::default(),
    }
}

/// The use cases of accounts on this store.
pub fn accounts<S: AccountStore + 'static>(store: &Arc<S>) -> Accounts {
    Accounts { store: store.clone(), sealer: sealer(), clock: clock() }
}

/// Decodes no document, for tests without plans.
struct NoDocuments;

impl PlanCodec for NoDocuments {
    fn encode(&self, _plan: &PlanSpec) -> Result<PlanDocument, Vec<PlanProblem>> {
        Err(Vec::new())
    }

    fn plan(&self, _document: &PlanDocument) -> Result<PlanSpec, Vec<PlanProblem>> {
        Err(Vec::new())
    }

    fn hours(&self, _document: &HoursDocument) -> Result<ScheduleSpec, Vec<PlanProblem>> {
        Err(Vec::new())
    }

    fn readable_plan(&self, _document: &PlanDocument) -> Option<Readable<PlanSpec>> {
        None
    }

    fn readable_hours(&self, _document: &HoursDocument) -> Option<Readable<ScheduleSpec>> {
        None
    }
}

/// Reads no documents: nothing has a plan, and all hours are accepted.
pub fn codec() -> Arc<dyn PlanCodec> {
    Arc::new(NoDocuments)
}

/// The use cases of agents on this store, without plans.
pub fn agents<S: AgentStore + PlanStore + 'static>(store: &Arc<S>) -> Agents {
    Agents {
        store: store.clone(),
        plans: store.clone(),
        codec: Arc::new(NoDocuments),
        identifiers: clock(),
        clock: clock(),
    }
}

/// The use cases of numbers on this store.
pub fn numbers<S>(store: &Arc<S>) -> Numbers
where
    S: AccountStore + AgentStore + NumberStore + 'static,
{
    Numbers { store: store.clone(), accounts: store.clone(), agents: store.clone(), clock: clock() }
}

/// Stores [`new_account`].
pub async fn add_account<S: AccountStore + 'static>(store: &Arc<S>, digit: char) {
    accounts(store).add(&operator(), new_account(digit)).await.unwrap();
}

/// Stores an agent whose id is derived from `chance`.
pub async fn add_agent<S: AgentStore + PlanStore + 'static>(
    store: &Arc<S>,
    chance: u8,
    name: &str,
    external_id: Option<&str>,
) -> Agent {
    let identifiers = Arc::new(Counting(AtomicU8::new(chance)));
    let agents = Agents { identifiers, ..agents(store) };
    let profile = profile(name, external_id);
    let new = NewAgent { organization: default_organization(), profile, prompt: Prompt::default() };
    agents.add(&operator(), new).await.unwrap()
}

/// Stores an unassigned number of an account.
pub async fn add_number<S>(store: &Arc<S>, text: &str, account: char)
where
    S: AccountStore + AgentStore + NumberStore + 'static,
{
    let new = NewNumber { sender: number(text), account: sid(account) };
    numbers(store).add(&operator(), new).await.unwrap();
}
