//! The events of calls. Simulated calls have none.

use super::{About, Event, EventData, EventKind, Novelty};
use crate::call::{CallDirection, CallRecord, FailureCause, TimelineEntry, TimelineEvent};
use crate::identifier::AgentId;
use crate::message::Direction;

/// That the destination of a call was decided, which is an event once, however often it is reported; `None` if the record
/// tells no decision.
pub fn event_of_started(call: &CallRecord) -> Option<Event> {
    let decision = call.decision.as_ref()?;
    event(call, |about| {
        about.event(EventKind::CallStarted, decision.at, &Novelty::Once(""), data(call))
    })
}

/// That a call ended, which is an event once; `None` if it goes on. `known` is everything that is known about the call.
pub fn event_of_ended(known: &CallRecord) -> Option<Event> {
    let end = known.progress.filter(|progress| progress.status.is_final())?;
    let data = data(known)
        .with("status", end.status.as_str())
        .with("outcome", known.outcome().as_str())
        .with("duration_seconds", end.duration_seconds);
    event(known, |about| about.event(EventKind::CallEnded, end.at, &Novelty::Once(""), data))
}

/// That an attempt of a call failed, which is an event once, however often it is reported; `None` for other entries.
pub fn event_of_failed_attempt(entry: &TimelineEntry) -> Option<Event> {
    let TimelineEvent::AttemptFailed { tried, cause } = &entry.event else { return None };
    let about = About {
        organization: &entry.organization,
        account: entry.account,
        subject: entry.call.as_str(),
        direction: Direction::Inbound,
        from: None,
        to: None,
    };
    let code = match cause {
        FailureCause::Code(code) => Some(*code),
        FailureCause::Dial(_) | FailureCause::Handler(_) | FailureCause::Unknown => None,
    };
    let data = EventData::default()
        .with("call_sid", entry.call.as_str())
        .with("attempt", *tried)
        .with("reason", cause.to_text().as_deref())
        .with("error_code", code);
    let (kind, occurrence) = (EventKind::CallAttemptFailed, tried.to_string());
    let event = about.event(kind, entry.at, &Novelty::Once(&occurrence), data);
    (!entry.call.is_simulated()).then_some(event)
}

fn data(call: &CallRecord) -> EventData {
    let decision = call.decision.as_ref();
    EventData::default()
        .with("call_sid", call.call.as_str())
        .with("agent_id", decision.and_then(|made| made.agent.as_ref()).map(AgentId::as_str))
        .with("reason", decision.map(|made| made.reason.as_str()))
}

fn event(call: &CallRecord, event: impl FnOnce(&About<'_>) -> Event) -> Option<Event> {
    let direction = match call.direction {
        Some(CallDirection::Inbound) | None => Direction::Inbound,
        Some(CallDirection::OutboundApi | CallDirection::OutboundDial) => Direction::Outbound,
    };
    let about = About {
        organization: &call.organization,
        account: call.account,
        subject: call.call.as_str(),
        direction,
        from: call.from.as_ref(),
        to: call.to.as_ref(),
    };
    (!call.call.is_simulated()).then(|| event(&about))
}
