//! The state of the store, and the rules about references between its parts.

use std::collections::{BTreeMap, BTreeSet};

use switchboard_domain::account::Account;
use switchboard_domain::agent::{Agent, Label, MessageTarget};
use switchboard_domain::api_key::{ApiKey, KeyDigest};
use switchboard_domain::authentication::VerifiedBy;
use switchboard_domain::call::{CallRecord, TimelineEntry};
use switchboard_domain::check_finding::FoundDrift;
use switchboard_domain::configuration::AdoptedConfiguration;
use switchboard_domain::connect_link::{ConnectLink, StateDigest};
use switchboard_domain::consent::Consent;
use switchboard_domain::delivery::ConversationKey;
use switchboard_domain::event::Event;
use switchboard_domain::identifier::{
    AgentId, ApiKeyId, ConversationId, OrganizationId, PlanId, RejectionId,
};
use switchboard_domain::message::MessageRecord;
use switchboard_domain::number::{Number, RepairPolicy};
use switchboard_domain::organization::{Organization, Scope, default_organization};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::plan::DateRange;
use switchboard_domain::ports::{
    AgentLimits, AgentSecret, Conversation, Entity, LeaseHolder, LeaseName, Observation, PlanPlace,
    SavedPlan, StoreError,
};
use switchboard_domain::rejection::Rejection;
use switchboard_domain::sealing::Sealed;
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::{AccountSid, CallSid, MessageSid};
use switchboard_domain::signature::PublicUrl;
use switchboard_domain::time::{Timestamp, UtcDay};

use crate::audit_log::AuditLog;
use crate::change_log::ChangeLog;
use crate::delivery_queues::DeliveryQueues;
use crate::events::EventLog;
use crate::executions::Executions;
use crate::job_records::JobRecords;
use crate::subscriptions::Subscriptions;

/// A call, and a kind and a subject of what happened during it.
pub(crate) type TimelineKey = ((AccountSid, CallSid), &'static str, String);

/// The complete state. The keys of the maps sort like their texts, which is the order of all lists.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) organizations: BTreeMap<OrganizationId, Organization>,
    pub(crate) api_keys: BTreeMap<ApiKeyId, ApiKey>,
    /// The keys by the digests of their secrets.
    pub(crate) key_digests: BTreeMap<KeyDigest, ApiKeyId>,
    pub(crate) executions: Executions,
    pub(crate) connect_links: BTreeMap<StateDigest, ConnectLink>,
    pub(crate) accounts: BTreeMap<AccountSid, Account>,
    /// The accounts that could not be read at the carrier.
    pub(crate) unreachable_accounts: BTreeSet<AccountSid>,
    pub(crate) agents: BTreeMap<AgentId, Agent>,
    pub(crate) numbers: BTreeMap<Sender, Number>,
    /// The stored configuration of numbers that have one.
    pub(crate) configurations: BTreeMap<Sender, Configured>,
    pub(crate) calls: BTreeMap<(AccountSid, CallSid), CallRecord>,
    /// What happened during calls: each kind and subject once for each call.
    pub(crate) timeline: BTreeMap<TimelineKey, TimelineEntry>,
    pub(crate) messages: BTreeMap<(AccountSid, MessageSid), MessageRecord>,
    /// How messages were verified, and when.
    pub(crate) message_verified_by: BTreeMap<(AccountSid, MessageSid), (VerifiedBy, Timestamp)>,
    pub(crate) conversations: BTreeMap<(OrganizationId, ConversationKey), Conversation>,
    pub(crate) consents: BTreeMap<(OrganizationId, ConversationKey), Consent>,
    /// The numbers of contacts by their `WhatsApp` user ids, and when each was linked.
    pub(crate) contact_links: BTreeMap<(OrganizationId, String), (PhoneNumber, Timestamp)>,
    pub(crate) deliveries: DeliveryQueues,
    pub(crate) events: EventLog,
    pub(crate) subscriptions: Subscriptions,
    /// By agent and number.
    pub(crate) agent_secrets: BTreeMap<(AgentId, i64), AgentSecret>,
    /// The keys of the chat models of agents.
    pub(crate) chat_keys: BTreeMap<AgentId, Sealed>,
    pub(crate) token_use: BTreeMap<AgentId, TokenUse>,
    /// The message targets that answered 410, and when.
    pub(crate) gone_targets: BTreeMap<AgentId, (Option<MessageTarget>, Timestamp)>,
    pub(crate) rejections: BTreeMap<RejectionId, Rejection>,
    pub(crate) jobs: JobRecords,
    /// The holder and the expiry of each lease.
    pub(crate) leases: BTreeMap<LeaseName, (LeaseHolder, Timestamp)>,
    /// The versions of each plan, oldest first; every plan has at least one.
    pub(crate) plans: BTreeMap<PlanId, Vec<SavedPlan>>,
    /// The plan of each place that has one.
    pub(crate) plan_places: BTreeMap<PlanPlace, PlanId>,
    pub(crate) calendars: BTreeMap<(OrganizationId, Label), Vec<DateRange>>,
    pub(crate) lists: BTreeMap<(OrganizationId, Label), BTreeSet<PhoneNumber>>,
    /// The limits of agents that have some.
    pub(crate) limits: BTreeMap<AgentId, AgentLimits>,
    pub(crate) public_url: Option<PublicUrl>,
    pub(crate) changes: ChangeLog,
    pub(crate) audit: AuditLog,
}

/// The stored configuration of a number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Configured {
    pub(crate) adopted: Option<AdoptedConfiguration>,
    pub(crate) policy: RepairPolicy,
    pub(crate) observation: Option<Observation>,
    pub(crate) drifting: Option<Drifting>,
}

/// That a number drifts.
#[derive(Clone, Debug)]
pub(crate) struct Drifting {
    pub(crate) since: Timestamp,
    pub(crate) reasons: Vec<&'static str>,
    pub(crate) drift: FoundDrift,
}

/// The completion tokens of an agent on its latest day.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TokenUse {
    pub(crate) day: UtcDay,
    pub(crate) used: u64,
    pub(crate) reserved: u64,
}

impl Default for State {
    fn default() -> Self {
        Self {
            organizations: BTreeMap::from([(default_organization(), first_organization())]),
            api_keys: BTreeMap::new(),
            key_digests: BTreeMap::new(),
            executions: Executions::default(),
            connect_links: BTreeMap::new(),
            accounts: BTreeMap::new(),
            unreachable_accounts: BTreeSet::new(),
            agents: BTreeMap::new(),
            numbers: BTreeMap::new(),
            configurations: BTreeMap::new(),
            calls: BTreeMap::new(),
            timeline: BTreeMap::new(),
            messages: BTreeMap::new(),
            message_verified_by: BTreeMap::new(),
            conversations: BTreeMap::new(),
            consents: BTreeMap::new(),
            contact_links: BTreeMap::new(),
            deliveries: DeliveryQueues::default(),
            events: EventLog::default(),
            subscriptions: Subscriptions::default(),
            agent_secrets: BTreeMap::new(),
            chat_keys: BTreeMap::new(),
            token_use: BTreeMap::new(),
            gone_targets: BTreeMap::new(),
            rejections: BTreeMap::new(),
            jobs: JobRecords::default(),
            leases: BTreeMap::new(),
            plans: BTreeMap::new(),
            plan_places: BTreeMap::new(),
            calendars: BTreeMap::new(),
            lists: BTreeMap::new(),
            limits: BTreeMap::new(),
            public_url: None,
            changes: ChangeLog::default(),
            audit: AuditLog::default(),
        }
    }
}

/// The default organization, as the first migration of a database creates it.
fn first_organization() -> Organization {
    match Label::parse("default") {
        Ok(name) => Organization {
            id: default_organization(),
            name,
            created_at: Timestamp::from_seconds(0),
        },
        Err(error) => unreachable!("the name is a label: {error}"),
    }
}

impl State {
    /// The id of the conversation between the two sides, which is added if there is none.
    pub(crate) fn find_or_add(&mut self, conversation: &Conversation) -> ConversationId {
        let key = (conversation.organization.clone(), conversation.key.clone());
        let known = self.conversations.entry(key).or_insert_with(|| conversation.clone());
        known.id.clone()
    }

    /// Adds events, except those whose key is taken.
    pub(crate) fn add_events(&mut self, happened: impl IntoIterator<Item = Event>) {
        self.events.add(&self.subscriptions, happened);
    }

    /// Something may be added for an organization if the scope covers it and it is there.
    pub(crate) fn may_add(&self, scope: &Scope, owner: &OrganizationId) -> Result<(), StoreError> {
        if scope.covers(owner) && self.organizations.contains_key(owner) {
            Ok(())
        } else {
            Err(missing(Entity::Organization))
        }
    }

    /// An account that a number of that organization can belong to.
    pub(crate) fn must_own_account(
        &self,
        owner: &OrganizationId,
        sid: AccountSid,
    ) -> Result<(), StoreError> {
        match self.accounts.get(&sid) {
            Some(account) if account.organization == *owner => Ok(()),
            _ => Err(missing(Entity::Account)),
        }
    }

    /// An agent that can answer a number of that organization.
    pub(crate) fn must_own_agent(
        &self,
        owner: &OrganizationId,
        id: &AgentId,
    ) -> Result<(), StoreError> {
        match self.agents.get(id) {
            Some(agent) if agent.organization == *owner => Ok(()),
            _ => Err(missing(Entity::Agent)),
        }
    }
}

pub(crate) const fn exists(entity: Entity) -> StoreError {
    StoreError::Exists { entity }
}

pub(crate) const fn missing(entity: Entity) -> StoreError {
    StoreError::Missing { entity }
}

pub(crate) const fn used_by_number(entity: Entity) -> StoreError {
    StoreError::InUse { entity, by: Entity::Number }
}
