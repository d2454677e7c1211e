//! Sends outgoing messages at the carrier, each once.

mod composer;

use std::sync::Arc;
use std::time::Duration;

use switchboard_application::ConsentGate;
use switchboard_application_carrier::configuration::OpenAccess;
use switchboard_application_management::ManageError;
use switchboard_domain::agent::WhatsAppTemplate;
use switchboard_domain::carrier::{CarrierAccess, CarrierError, ErrorResponse};
use switchboard_domain::causes::Causes;
use switchboard_domain::consent::TWILIO_OPTED_OUT;
use switchboard_domain::delivery::{
    AttemptDetail, AttemptOutcome, ConversationKey, Delivery, DeliveryItem, Next, OtherMessages,
    Outgoing, SendProgress, SendState, Sighting, settle, window_openers,
};
use switchboard_domain::history::Period;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::carrier::MessageCarrier;
use switchboard_domain::ports::{
    AgentStore, Clock, DeliveryFilter, DeliveryHistory, MessageStore, Page, StoreError,
};
use switchboard_domain::sid::MessageSid;
use switchboard_domain::web_address::WebUrl;

use self::composer::Composer;
use crate::loop_breaker::LoopBreaker;

/// The wait before a message whose outcome is unknown is looked up: Twilio may still be processing the request.
const LOOK_UP_AFTER: Duration = Duration::from_secs(10);
/// The wait before the second look-up. If it finds nothing either, the message is sent again.
const LOOK_UP_AGAIN_AFTER: Duration = Duration::from_secs(30);
/// Look-ups that must find nothing before a message is sent again.
const LOOK_UPS: usize = 2;
/// Seconds by which our clock may be ahead of Twilio's.
const CLOCK_TOLERANCE_SECONDS: i64 = 30;
/// How much earlier than this message other messages of the conversation were planned that are compared with it.
const PLANNED_BEFORE_SECONDS: i64 = 3_600;
/// Other messages of the conversation that are compared with what Twilio lists.
const COMPARED: u32 = 100;

/// Sends messages.
pub struct Sending {
    /// The stored deliveries.
    pub deliveries: Arc<dyn DeliveryHistory>,
    /// The credentials of accounts.
    pub access: OpenAccess,
    /// Sends messages, and looks up those whose outcome is unknown.
    pub carrier: Arc<dyn MessageCarrier>,
    /// The stored messages, which tell when contacts wrote last.
    pub messages: Arc<dyn MessageStore>,
    /// The stored agents, which have templates.
    pub agents: Arc<dyn AgentStore>,
    /// The consent of contacts.
    pub consent: ConsentGate,
    /// Knows which conversations are stopped.
    pub loops: LoopBreaker,
    /// The time at which Twilio refuses a message.
    pub clock: Arc<dyn Clock>,
    /// The URL to which Twilio reports the status of messages.
    pub status_callback: WebUrl,
}

/// The result of an attempt, without its times.
pub(crate) struct Sent {
    pub(crate) outcome: AttemptOutcome,
    pub(crate) code: Option<u32>,
    pub(crate) detail: Option<AttemptDetail>,
    /// The error with its causes, for the log.
    pub(crate) cause: Option<String>,
    pub(crate) step: Step,
    pub(crate) progress: SendProgress,
}

/// What follows.
pub(crate) enum Step {
    /// As stated.
    Next(Next),
    /// Another attempt by the schedule, or a dead letter after the last.
    Scheduled,
}

impl Sent {
    const fn new(outcome: AttemptOutcome, step: Step, state: SendState) -> Self {
        let progress = SendProgress::without_sid(state);
        Self { outcome, code: None, detail: None, cause: None, step, progress }
    }

    /// What is known of the contact or of other messages could not be read.
    fn unread(what: &str, error: &StoreError, state: SendState) -> Self {
        let cause = Some(format!("{what} could not be read: {}", Causes(error)));
        Self { cause, ..Self::new(AttemptOutcome::StoreUnavailable, Step::Scheduled, state) }
    }

    fn accepted(outcome: AttemptOutcome, sid: MessageSid) -> Self {
        let progress = SendProgress { state: SendState::Sent, sid: Some(sid) };
        let sent = Self::new(outcome, Step::Next(Next::Delivered), SendState::Sent);
        Self { progress, ..sent }
    }
}

impl Sending {
    /// Makes one attempt: sends a planned message, and looks up one that Twilio may have. Returns `None` if nothing was
    /// sent because another process may have taken over the delivery.
    pub(crate) async fn attempt(
        &self,
        delivery: &Delivery,
        outgoing: &Outgoing,
        is_leased: &(dyn Fn() -> bool + Sync),
    ) -> Option<Sent> {
        let scope = Scope::Organization(delivery.organization.clone());
        let access = match self.access.of(&scope, delivery.account).await {
            Ok(access) => access,
            Err(error) => return Some(without_access(&error, outgoing.progress.state)),
        };
        match outgoing.progress.state {
            SendState::Planned => self.create(&access, delivery, outgoing, is_leased).await,
            SendState::Offered | SendState::Unknown => {
                Some(self.look_up(&access, delivery, outgoing).await)
            }
            SendState::Sent | SendState::Refused => Some(Sent::new(
                AttemptOutcome::Accepted,
                Step::Next(Next::Delivered),
                outgoing.progress.state,
            )),
        }
    }

    async fn create(
        &self,
        access: &CarrierAccess,
        delivery: &Delivery,
        outgoing: &Outgoing,
        is_leased: &(dyn Fn() -> bool + Sync),
    ) -> Option<Sent> {
        let composer = Composer::new(self, delivery, outgoing, is_leased);
        Some(match self.carrier.create(access, &composer).await {
            Ok(Some(sid)) => Sent::accepted(AttemptOutcome::Accepted, sid),
            Ok(None) => return composer.withheld(),
            Err(CarrierError::Refused { response, .. })
                if response.code == Some(TWILIO_OPTED_OUT) =>
            {
                let organization = &delivery.organization;
                let key = ConversationKey::new(&outgoing.from, &outgoing.to);
                let at = composer.composed_at();
                let recorded =
                    self.consent.refused_by_twilio(organization, key, delivery.account, at);
                if let Err(error) = recorded.await {
                    tracing::warn!(error = %Causes(&error), "an opt-out was not recorded");
                }
                let canceled = canceled(AttemptOutcome::OptedOut, SendState::Refused);
                Sent { code: response.code, ..canceled }
            }
            Err(error) => not_created(&error),
        })
    }

    /// The template of the agent that sends the message.
    async fn template(&self, delivery: &Delivery) -> Result<Option<WhatsAppTemplate>, StoreError> {
        let Some(agent) = &delivery.agent else { return Ok(None) };
        let scope = Scope::Organization(delivery.organization.clone());
        let found = self.agents.find(&scope, agent).await?;
        Ok(found.and_then(|agent| agent.profile.whatsapp_template))
    }

    async fn look_up(
        &self,
        access: &CarrierAccess,
        delivery: &Delivery,
        outgoing: &Outgoing,
    ) -> Sent {
        let unknown = |outcome, step| Sent::new(outcome, step, SendState::Unknown);
        let listed = self.carrier.sent(access, &outgoing.from, &outgoing.to).await;
        let mut listed = match listed {
            Ok(listed) => listed,
            Err(error) => {
                let cause = Some(format!("the look-up failed: {}", Causes(&error)));
                let sent = unknown(AttemptOutcome::Unreachable, Step::Scheduled);
                return Sent { cause, ..sent };
            }
        };
        let since = delivery.created_at.plus_seconds(-CLOCK_TOLERANCE_SECONDS);
        listed.retain(|sighting| sighting.created_at >= since);
        let others = match self.others(delivery, outgoing, &listed).await {
            Ok(others) => others,
            Err(error) => return Sent::unread("sent messages", &error, SendState::Unknown),
        };
        // A template has another text at Twilio than the message has here.
        let is_template = outgoing.content.template.is_some();
        let has_template = match window_openers(&outgoing.from, &outgoing.to) {
            _ if is_template => Ok(true),
            Some(_) => self.template(delivery).await.map(|template| template.is_some()),
            None => Ok(false),
        };
        let has_template = match has_template {
            Ok(has_template) => has_template,
            Err(error) => return Sent::unread("the agent", &error, SendState::Unknown),
        };
        let is_new = |sighting: &Sighting| !others.sids.contains(&sighting.sid);
        let settled =
            if is_template { Ok(None) } else { settle(&outgoing.content, &listed, &others) };
        match settled {
            Ok(None) if has_template && listed.iter().any(is_new) => Sent {
                detail: Some(AttemptDetail::new(
                    "Twilio has a message to the contact that can be the template",
                )),
                ..unknown(AttemptOutcome::OutcomeUnknown, Step::Next(Next::Dead))
            },
            Ok(Some(sid)) => Sent::accepted(AttemptOutcome::FoundAtTwilio, sid),
            Ok(None) if look_ups(delivery) % LOOK_UPS + 1 < LOOK_UPS => {
                unknown(AttemptOutcome::NotAtTwilio, Step::Next(Next::Retry(LOOK_UP_AGAIN_AFTER)))
            }
            Ok(None) => {
                Sent::new(AttemptOutcome::NotAtTwilio, next_send(delivery), SendState::Planned)
            }
            Err(ambiguous) => Sent {
                detail: Some(AttemptDetail::new(&ambiguous.to_string())),
                ..unknown(AttemptOutcome::OutcomeUnknown, Step::Next(Next::Dead))
            },
        }
    }

    /// The other messages that Twilio can list: those that have one of these SIDs, and those of the conversation with the
    /// same text.
    async fn others(
        &self,
        delivery: &Delivery,
        outgoing: &Outgoing,
        listed: &[Sighting],
    ) -> Result<OtherMessages, StoreError> {
        let sids: Vec<_> = listed.iter().map(|sighting| sighting.sid).collect();
        // An account can have belonged to another organization.
        let known = self.deliveries.of_messages(&Scope::Operator, delivery.account, &sids).await?;
        let scope = Scope::Organization(delivery.organization.clone());
        let conversation = delivery.conversation().cloned();
        // A message that was planned earlier can have been sent later.
        let since = Some(delivery.created_at.plus_seconds(-PLANNED_BEFORE_SECONDS));
        let period = Period { since, until: None };
        let filter = DeliveryFilter { period, conversation, ..DeliveryFilter::default() };
        let near = self.deliveries.newest(&scope, &filter, &Page::first(COMPARED)).await?;
        let sid = |other: &Delivery| other_outgoing(delivery, other)?.progress.sid;
        let is_twin = |other: &Delivery| {
            other_outgoing(delivery, other).is_some_and(|other| other.is_twin_of(&outgoing.content))
        };
        Ok(OtherMessages {
            sids: known.iter().filter_map(sid).collect(),
            has_twin: near.iter().any(is_twin),
        })
    }
}

/// The message of another delivery.
fn other_outgoing<'a>(delivery: &Delivery, other: &'a Delivery) -> Option<&'a Outgoing> {
    match &other.item {
        DeliveryItem::Outgoing(outgoing) if other.id != delivery.id => Some(outgoing),
        DeliveryItem::Outgoing(_) | DeliveryItem::Received(_) | DeliveryItem::Event(_) => None,
    }
}

const fn canceled(outcome: AttemptOutcome, state: SendState) -> Sent {
    Sent::new(outcome, Step::Next(Next::Canceled), state)
}

/// How many look-ups in a row found nothing.
fn look_ups(delivery: &Delivery) -> usize {
    let last = delivery.attempts.iter().rev();
    last.take_while(|attempt| attempt.outcome == AttemptOutcome::NotAtTwilio).count()
}

/// When a message is sent again that Twilio does not have: at once for the first time, and by the schedule while Twilio
/// keeps failing.
fn next_send(delivery: &Delivery) -> Step {
    let attempts = delivery.attempts.iter().map(|attempt| attempt.outcome);
    let unknown = attempts.filter(|outcome| *outcome == AttemptOutcome::OutcomeUnknown);
    if unknown.count() > 1 { Step::Scheduled } else { Step::Next(Next::Retry(Duration::ZERO)) }
}

fn without_access(error: &ManageError, state: SendState) -> Sent {
    let detail = Some(AttemptDetail::new("the account's credentials are not available"));
    let cause = Some(Causes(error).to_string());
    // Another process can have the key, and an account can be added again.
    Sent { detail, cause, ..Sent::new(AttemptOutcome::StoreUnavailable, Step::Scheduled, state) }
}

fn not_created(error: &CarrierError) -> Sent {
    let refused = |response: &ErrorResponse, step, state| Sent {
        code: Some(response.code.unwrap_or_else(|| response.status.into())),
        detail: Some(AttemptDetail::new(&response.text)),
        ..Sent::new(AttemptOutcome::Refused, step, state)
    };
    match error {
        CarrierError::Refused { response, .. } | CarrierError::NotFound { response, .. } => {
            refused(response, Step::Next(Next::Dead), SendState::Refused)
        }
        // Credentials can be corrected, and an account can be reactivated.
        CarrierError::Unauthorized { response, .. } | CarrierError::Inactive { response, .. } => {
            refused(response, Step::Scheduled, SendState::Planned)
        }
        CarrierError::Busy { .. } => {
            Sent::new(AttemptOutcome::RateLimited, Step::Scheduled, SendState::Planned)
        }
        CarrierError::Unavailable { .. } | CarrierError::Unreadable { .. } => {
            let step = Step::Next(Next::Retry(LOOK_UP_AFTER));
            let cause = Some(Causes(error).to_string());
            Sent { cause, ..Sent::new(AttemptOutcome::OutcomeUnknown, step, SendState::Unknown) }
        }
    }
}
