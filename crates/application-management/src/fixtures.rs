//! What the tests of use cases share: a memory store, ambient ports that tell what they are told to, and a
//! few accounts, agents and numbers.
#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a fixture that cannot be made fails the test"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use switchboard_domain::agent::{Agent, AgentState, Label, MessageTarget, Profile, Prompt, Reply};
use switchboard_domain::carrier::Region;
use switchboard_domain::identifier::{AgentId, PlanId, RejectionId};
use switchboard_domain::organization::{Scope, default_organization};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::{
    AccountStore, AgentStore, Clock, ConfigurationStore, Identifiers, NumberStore, Randomness,
};
use switchboard_domain::sealing::{EncryptionKey, KeyId, Keyring};
use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;

use crate::{Accounts, Agents, AuthToken, NewAccount, NewAgent, NewNumber, Numbers, TokenSealer};

/// Tells 1,700,000,000 seconds, and counts bytes and keys.
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
    fn agent(&self) -> AgentId {
        AgentId::new(self.now(), [self.0.fetch_add(1, Ordering::Relaxed); 10])
    }

    fn plan(&self) -> PlanId {
        PlanId::new(self.now(), [self.0.fetch_add(1, Ordering::Relaxed); 10])
    }

    fn rejection(&self) -> RejectionId {
        RejectionId::new(self.now(), [self.0.fetch_add(1, Ordering::Relaxed); 10])
    }
}

pub fn clock() -> Arc<Counting> {
    Arc::default()
}

/// Seals with a key of these bytes.
pub fn sealer_of(byte: u8) -> TokenSealer {
    let key = EncryptionKey::generate(KeyId::parse("k1").unwrap(), [byte; 32]).unwrap();
    TokenSealer { keyring: Arc::new(Keyring::new(vec![key]).unwrap()), randomness: clock() }
}

pub fn sealer() -> TokenSealer {
    sealer_of(1)
}

pub fn sid(digit: char) -> AccountSid {
    AccountSid::parse(&format!("AC{}", digit.to_string().repeat(32))).unwrap()
}

pub fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

pub fn token(text: &str) -> AuthToken {
    AuthToken::parse(text).unwrap()
}

pub fn number(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text).unwrap()
}

pub fn profile(name: &str, external_id: Option<&str>) -> Profile {
    Profile {
        name: label(name),
        external_id: external_id.map(label),
        voice: None,
        model: None,
        language: None,
        voice_target: None,
        message_target: Some(MessageTarget::Reply(Reply::parse("hello").unwrap())),
        state: AgentState::Enabled,
    }
}

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

pub fn accounts<S: AccountStore + 'static>(store: &Arc<S>) -> Accounts {
    Accounts { store: store.clone(), sealer: sealer(), clock: clock() }
}

pub fn agents<S: AgentStore + 'static>(store: &Arc<S>) -> Agents {
    Agents { store: store.clone(), identifiers: clock(), clock: clock() }
}

pub fn numbers<S>(store: &Arc<S>) -> Numbers
where
    S: AccountStore + AgentStore + ConfigurationStore + NumberStore + 'static,
{
    Numbers {
        store: store.clone(),
        accounts: store.clone(),
        agents: store.clone(),
        configurations: store.clone(),
        clock: clock(),
    }
}

pub async fn add_account<S: AccountStore + 'static>(store: &Arc<S>, digit: char) {
    accounts(store).add(&Scope::Operator, new_account(digit)).await.unwrap();
}

/// Adds an agent under a key made of `chance`.
pub async fn add_agent<S: AgentStore + 'static>(
    store: &Arc<S>,
    chance: u8,
    name: &str,
    external_id: Option<&str>,
) -> Agent {
    let identifiers = Arc::new(Counting(AtomicU8::new(chance)));
    let agents = Agents { identifiers, ..agents(store) };
    let profile = profile(name, external_id);
    let new = NewAgent { organization: default_organization(), profile, prompt: Prompt::default() };
    agents.add(&Scope::Operator, new).await.unwrap()
}

pub async fn add_number<S>(store: &Arc<S>, text: &str, account: char)
where
    S: AccountStore + AgentStore + ConfigurationStore + NumberStore + 'static,
{
    let new = NewNumber { phone_number: number(text), account: sid(account) };
    numbers(store).add(&Scope::Operator, new).await.unwrap();
}
