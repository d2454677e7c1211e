//! Opens a session: a voice server reads its agent's configuration.

use std::sync::Arc;
use std::time::Duration;

use switchboard_domain::address::Address;
use switchboard_domain::agent::{Agent, AgentState, Label};
use switchboard_domain::call::{CallDirection, CallRecord};
use switchboard_domain::causes::Causes;
use switchboard_domain::delivery::{
    ConversationKey, Delivery, addresses_of_calls, addresses_of_contact,
};
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    CallStore, Clock, ContactLinkStore, ConversationStore, DeliveryHistory, MessageStore, Page,
    PlanCodec, PlanStore, Retry, StoreError,
};
use switchboard_domain::session::{SessionClaims, SessionError, SessionKeys};
use switchboard_domain::sid::CallSid;
use switchboard_domain::thread::{MAX_ENTRIES, Thread};

use crate::agent_cache::AgentCache;
use crate::deadline::{Deadlines, within};
use crate::recorder::CallRecorder;

/// The backoff between reads of the record of a call, which another process may be about to write.
const RECORD_BACKOFF: [Duration; 3] =
    [Duration::from_millis(50), Duration::from_millis(150), Duration::from_millis(200)];

/// A session as a voice server reads it.
pub struct OpenedSession {
    /// The token's claims.
    pub claims: SessionClaims,
    /// The agent with its prompt.
    pub agent: Arc<Agent>,
    /// The record of the call; `None` if the store does not answer in time.
    pub call: Option<CallRecord>,
    /// The routing plan that decided; `None` if none did, or if the store does not answer in time.
    pub plan: Option<DecidingPlanNames>,
    /// The latest messages and earlier calls between the caller and the called number.
    pub thread: Thread,
}

/// The names of the routing plan that decided about a call.
pub struct DecidingPlanNames {
    /// The name of the plan.
    pub plan: Label,
    /// The name of the rule; `None` if it has none, or if no rule matched.
    pub rule: Option<Label>,
}

impl OpenedSession {
    /// Our address in the call; `None` if it cannot be determined.
    pub fn own_address(&self) -> Option<&Address> {
        self.call.as_ref().and_then(|call| parties(call).map(|(ours, _)| ours))
    }
}

/// Our address in a call, and the address of the other side.
fn parties(call: &CallRecord) -> Option<(&Address, &Address)> {
    let (from, to) = (call.from.as_ref()?, call.to.as_ref()?);
    match call.direction.unwrap_or(CallDirection::Inbound) {
        CallDirection::Inbound => Some((to, from)),
        CallDirection::OutboundApi => Some((from, to)),
        CallDirection::OutboundDial => None,
    }
}

/// The sources of the data in a session.
pub struct SessionStores {
    /// The agents in memory.
    pub agents: Arc<AgentCache>,
    /// The stored calls.
    pub calls: Arc<dyn CallStore>,
    /// The records of calls that have not been written yet.
    pub recorder: Arc<CallRecorder>,
    /// The stored messages.
    pub messages: Arc<dyn MessageStore>,
    /// The stored conversations.
    pub conversations: Arc<dyn ConversationStore>,
    /// The numbers of contacts with a `WhatsApp` user id.
    pub contacts: Arc<dyn ContactLinkStore>,
    /// The messages to contacts.
    pub deliveries: Arc<dyn DeliveryHistory>,
    /// The stored routing plans.
    pub plans: Arc<dyn PlanStore>,
    /// Reads the documents of routing plans.
    pub codec: Arc<dyn PlanCodec>,
}

/// Why no session is opened.
#[derive(Debug, thiserror::Error)]
pub enum SessionRefused {
    /// The token was not issued by this installation, or has expired: 401.
    #[error("the session token is invalid")]
    Token(#[source] SessionError),
    /// The token is valid for another call only: 401.
    #[error("the session token is for another call")]
    OtherCall,
    /// The call has ended, or its request was stale: 404.
    #[error("the call has ended")]
    CallEnded,
    /// The agent is disabled: 404.
    #[error("the agent is disabled")]
    AgentDisabled,
    /// The agent was removed: 404.
    #[error("the agent was removed")]
    AgentRemoved,
    /// The store failed: 503 or 500.
    #[error("the agent could not be read")]
    Store(#[source] StoreError),
}

impl SessionRefused {
    /// Whether the same request can succeed later.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Store(error) => error.retry(),
            Self::Token(_)
            | Self::OtherCall
            | Self::CallEnded
            | Self::AgentDisabled
            | Self::AgentRemoved => Retry::Never,
        }
    }
}

/// Gives voice servers the session of a call, in exchange for its token.
pub struct OpenSession {
    sessions: Arc<SessionKeys>,
    stores: SessionStores,
    deadlines: Deadlines,
    clock: Arc<dyn Clock>,
}

impl OpenSession {
    /// Creates the use case.
    pub fn new(
        sessions: Arc<SessionKeys>,
        stores: SessionStores,
        deadlines: Deadlines,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { sessions, stores, deadlines, clock }
    }

    /// Returns the session of the agent that `token` was issued for, if it was issued for `call`.
    pub async fn open(&self, call: CallSid, token: &str) -> Result<OpenedSession, SessionRefused> {
        let claims =
            self.sessions.verify(token, self.clock.now()).map_err(SessionRefused::Token)?;
        if claims.call != call {
            return Err(SessionRefused::OtherCall);
        }
        let (record, agent) =
            tokio::join!(self.record(&claims), self.stores.agents.find(&claims.agent));
        // The call has ended, or the token was created for a stale request. During an outage of the
        // store, a token gives access to the sessions of agents in memory until it expires.
        if record
            .as_ref()
            .is_some_and(|record| record.is_stale_session(&claims.agent, claims.issued_at))
        {
            return Err(SessionRefused::CallEnded);
        }
        let agent = agent.map_err(SessionRefused::Store)?;
        let agent = agent.ok_or(SessionRefused::AgentRemoved)?;
        if agent.profile.state == AgentState::Disabled {
            return Err(SessionRefused::AgentDisabled);
        }
        self.note_opened(&claims, &agent, record.as_ref());
        let (plan, thread) = match &record {
            Some(record) => {
                tokio::join!(self.plan(record), self.thread(&agent.organization, record))
            }
            None => (None, Thread::default()),
        };
        Ok(OpenedSession { claims, agent, call: record, plan, thread })
    }

    /// Records that the session was opened, unless that is known.
    fn note_opened(&self, claims: &SessionClaims, agent: &Agent, record: Option<&CallRecord>) {
        if record.is_some_and(|record| record.session_opened_at.is_some()) {
            return;
        }
        let now = self.clock.now();
        let organization = agent.organization.clone();
        let opened = CallRecord::of(claims.account, organization, claims.call, now);
        // A record that finds no place is counted there.
        let _is_queued =
            self.stores.recorder.note(CallRecord { session_opened_at: Some(now), ..opened });
    }

    /// What is recorded about the call. A record may wait to be written, here or in the process that answered the call.
    async fn record(&self, claims: &SessionClaims) -> Option<CallRecord> {
        let key = (claims.account, claims.call);
        let queued = self.stores.recorder.queued(key);
        let mut delays = RECORD_BACKOFF.iter();
        let stored = loop {
            let find = self.stores.calls.find(&Scope::Operator, claims.account, claims.call);
            let found = within(self.deadlines.reread, "call.find", find).await;
            // A store that does not answer is not asked again.
            let Some(stored) = Self::answered(found) else { break None };
            if stored.is_some() || queued.is_some() {
                break stored;
            }
            let Some(delay) = delays.next() else { break None };
            // A batch that is being written is neither in the queue nor in the store.
            let written = tokio::time::timeout(*delay, self.stores.recorder.written()).await;
            if written.is_ok() {
                tokio::time::sleep(*delay).await;
            }
        };
        match (stored, queued) {
            (Some(stored), Some(queued)) => Some(stored.merge(queued)),
            (stored, queued) => stored.or(queued),
        }
    }

    /// Returns the names of the plan and the rule that decided, as in the version that decided.
    async fn plan(&self, record: &CallRecord) -> Option<DecidingPlanNames> {
        let decided = record.decision.as_ref()?.rule.as_ref()?;
        let scope = Scope::Organization(record.organization.clone());
        let version = Page { after: decided.version.checked_sub(1), limit: 1 };
        let find = self.stores.plans.versions(&scope, &decided.plan, &version);
        let found = within(self.deadlines.reread, "plan.versions", find).await;
        let plan = Self::answered(found)?.into_iter().next()?;
        let rule = decided.rule.and_then(|place| {
            let spec = self.stores.codec.plan(&plan.document).ok()?;
            spec.rules.into_iter().nth(usize::try_from(place).ok()?)?.name
        });
        Some(DecidingPlanNames { plan: plan.name, rule })
    }

    /// Returns the latest messages and the other calls between the caller and the called number. Nothing if no signature
    /// showed that Twilio sent the request: anybody could name another caller.
    async fn thread(&self, organization: &OrganizationId, record: &CallRecord) -> Thread {
        if !record.is_verified() {
            return Thread::default();
        }
        let Some((ours, caller)) = parties(record) else { return Thread::default() };
        let known = self.known_as(organization, caller).await;
        let key = ConversationKey::new(ours, &known);
        let (ours, mut contact) = (addresses_of_contact(ours), addresses_of_contact(&known));
        if known != *caller {
            contact.push(caller.clone());
        }
        if ours.is_empty() || contact.is_empty() {
            return Thread::default();
        }
        let (our_calls, contact_calls) = (addresses_of_calls(&ours), addresses_of_calls(&contact));
        let SessionStores { messages, calls, .. } = &self.stores;
        let received = messages.latest_of_contact(organization, &contact, &ours, MAX_ENTRIES);
        // This call is one of them, if it is stored.
        let calls =
            calls.latest_of_contact(organization, &contact_calls, &our_calls, MAX_ENTRIES + 1);
        let deadline = self.deadlines.reread;
        let (received, sent, calls) = tokio::join!(
            within(deadline, "message.latest", received),
            within(deadline, "delivery.latest_outgoing", self.sent(organization, &key)),
            within(deadline, "call.latest", calls),
        );
        let mut calls = Self::answered(calls).unwrap_or_default();
        calls.retain(|call| call.call != record.call);
        Thread {
            received: Self::answered(received).unwrap_or_default(),
            sent: Self::answered(sent).unwrap_or_default(),
            calls,
        }
    }

    /// Returns the address by which the caller is known: the number that is linked to a `WhatsApp` user id.
    async fn known_as(&self, organization: &OrganizationId, caller: &Address) -> Address {
        if !matches!(caller, Address::WhatsAppUser(_)) {
            return caller.clone();
        }
        let find = self.stores.contacts.number_of(organization, caller);
        let found = within(self.deadlines.reread, "contact_link.number_of", find).await;
        let number = Self::answered(found).flatten();
        number.map_or_else(|| caller.clone(), Address::WhatsApp)
    }

    /// Returns the latest messages to the contact of a conversation.
    async fn sent(
        &self,
        organization: &OrganizationId,
        key: &ConversationKey,
    ) -> Result<Vec<Delivery>, StoreError> {
        let id = self.stores.conversations.id_of(organization, key).await?;
        let Some(id) = id else { return Ok(Vec::new()) };
        let scope = Scope::Organization(organization.clone());
        self.stores.deliveries.latest_outgoing(&scope, &id, MAX_ENTRIES).await
    }

    /// Returns what the store answered. A session is opened without data that does not arrive in
    /// time.
    fn answered<T>(found: Result<T, StoreError>) -> Option<T> {
        found
            .inspect_err(|error| {
                tracing::debug!(error = %Causes(error), "part of a session could not be read");
            })
            .ok()
    }
}
