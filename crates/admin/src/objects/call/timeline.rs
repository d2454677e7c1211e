//! The timeline of a call as JSON.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use switchboard_domain::authentication::VerifiedBy;
use switchboard_domain::call::{
    AttemptDestination, CallDecision, CallRecord, DialFailure, Disconnection, ErrorText,
    FailureCause, StreamState, TimelineEvent,
};
use switchboard_domain::identifier::AgentId;
use switchboard_domain::plan::Skipped;
use switchboard_domain::time::Timestamp;
use utoipa::ToSchema;

use super::{CallAttemptObject, CallStory, Stage, UnusedPlan, has_agent};
use crate::objects::instant;
use crate::objects::party::{PlanRefObject, RuleRefObject};
use crate::wording::Wording;

/// An entry of the timeline of a call.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = TimelineEntry)]
pub struct TimelineObject {
    /// When it happened.
    #[schema(format = DateTime)]
    pub at: String,
    /// What kind of thing happened.
    pub kind: Cow<'static, str>,
    /// What happened.
    pub detail: String,
}

/// The timeline of a call, oldest entry first.
pub(super) fn entries(
    story: &CallStory<'_>,
    rule: Option<&RuleRefObject>,
    attempts: &[CallAttemptObject],
    wording: &dyn Wording,
) -> Vec<TimelineObject> {
    let call = story.call;
    let mut entries: Vec<(Timestamp, &'static str, String)> = Vec::new();
    if let Some(decision) = &call.decision {
        let asked = format!("{} asked what to do with the call", client(call));
        entries.push((call.first_seen_at, "webhook", asked));
        entries.push((decision.at, "signature", signature(decision.verified_by, wording)));
        for (agent, why) in skipped_agents(story) {
            let agent = story.agent_name(agent);
            let detail = format!("{agent} was not tried: {}", skipped(why));
            entries.push((decision.at, "agent_skipped", detail));
        }
        let rules = story.rules.iter().map(|rule| (decision.at, "rule", rule.clone()));
        entries.extend(rules);
        let unused = story.unused_plan.as_ref().map(UnusedPlan::to_string);
        entries.extend(unused.map(|unused| (decision.at, "plan", unused)));
        entries.push((decision.at, "decision", decided(story, decision, rule)));
    } else {
        let seen = "first event of the call; no request for TwiML was recorded".to_owned();
        entries.push((call.first_seen_at, "event", seen));
    }
    let failures = failures(story);
    // A handler that does not answer leaves the call unanswered.
    let has_answered = |place: usize| {
        let by_handler = |cause: &FailureCause| matches!(cause, FailureCause::Handler(_));
        !failures.iter().any(|(_, failed, cause)| *failed + 1 == place && by_handler(cause))
    };
    let mut stage = Stage::Ringing;
    for (place, (attempt, view)) in (1..).zip(call.attempts.iter().zip(attempts)) {
        // The failure of an attempt is known at the moment at which the next one begins.
        entries.push((attempt.at, "attempt", view.sentence(place, stage)));
        let is_agent = matches!(attempt.destination, AttemptDestination::Agent(_));
        if is_agent && has_answered(place) {
            stage = Stage::Answered;
        }
    }
    for (at, place, cause) in failures {
        let failed = format!("attempt {} failed: {}", place + 1, failure(cause, wording));
        let before = entries.iter().position(|(other, kind, _)| *other == at && *kind == "attempt");
        entries.insert(before.unwrap_or(entries.len()), (at, "attempt_failed", failed));
    }
    if let Some(opened) = call.session_opened_at {
        entries.push((opened, "session_opened", session_opened(story, opened)));
    }
    for entry in story.timeline {
        if let TimelineEvent::Stream { stream, state, error } = &entry.event {
            let detail =
                format!("media stream {stream} {}", streamed(*state, error.as_ref(), wording));
            entries.push((entry.at, entry.event.kind(), detail));
        }
    }
    if let Some(end) = call.disconnection {
        entries.push((end.at, "connection_ended", connection_end(story, end, wording)));
    }
    if let Some(progress) = call.progress {
        let length = progress.duration_seconds.map(|seconds| format!(" after {seconds} s"));
        let status = format!(
            "{} reported: {}{}",
            client(call),
            progress.status.as_str(),
            length.unwrap_or_default()
        );
        let kind = if progress.status.is_final() { "ended" } else { "status" };
        entries.push((progress.at, kind, status));
    }
    entries.sort_by_key(|(at, ..)| *at);
    let view =
        |(at, kind, detail)| TimelineObject { at: instant(at), kind: Cow::Borrowed(kind), detail };
    entries.into_iter().map(view).collect()
}

/// Who sends the requests of a call.
fn client(call: &CallRecord) -> &'static str {
    if call.call.is_simulated() { "the simulation" } else { "Twilio" }
}

/// The decision in one sentence. An agent that does not answer is named, too.
fn decided(story: &CallStory<'_>, decision: &CallDecision, rule: Option<&RuleRefObject>) -> String {
    let why = decision.reason.explanation();
    let by = match (&story.plan, rule) {
        (Some(plan), Some(rule)) => format!("{}; ", by_rule(plan, rule)),
        _ => String::new(),
    };
    match (&story.agent, &story.idle_agent) {
        (Some(agent), _) => format!("decided: {agent}; {by}{why}"),
        (None, Some(idle)) => format!("decided: not connected to an agent; {by}{why}: {idle}"),
        (None, None) => format!("decided: not connected to an agent; {by}{why}"),
    }
}

/// The rule of a plan, for people.
pub fn by_rule(plan: &PlanRefObject, rule: &RuleRefObject) -> String {
    format!("{plan}: {rule}")
}

/// The agents that were not tried, and why.
pub fn skipped_agents<'a>(
    story: &'a CallStory<'_>,
) -> impl Iterator<Item = (&'a AgentId, Skipped)> {
    story.timeline.iter().filter_map(|entry| match &entry.event {
        TimelineEvent::AgentSkipped { agent, why } => Some((agent, *why)),
        TimelineEvent::AttemptFailed { .. } | TimelineEvent::Stream { .. } => None,
    })
}

/// The failed attempts by their places from zero, with the time and the cause of each failure.
pub fn failures(story: &CallStory<'_>) -> Vec<(Timestamp, usize, FailureCause)> {
    let attempts = &story.call.attempts;
    let failed = story.timeline.iter().filter_map(|entry| match &entry.event {
        TimelineEvent::AttemptFailed { cause, .. } => {
            let place = attempts.iter().rposition(|attempt| attempt.at < entry.at)?;
            Some((entry.at, place, cause.clone()))
        }
        TimelineEvent::AgentSkipped { .. } | TimelineEvent::Stream { .. } => None,
    });
    failed.collect()
}

/// Why an attempt failed.
fn failure(cause: FailureCause, wording: &dyn Wording) -> String {
    match cause {
        FailureCause::Code(code) => {
            format!("Twilio's error {code}, {}", wording.twilio_error(code))
        }
        FailureCause::Dial(DialFailure::Busy) => "the dialed phone was busy".to_owned(),
        FailureCause::Dial(DialFailure::NoAnswer) => {
            "nobody answered the dialed phone in time".to_owned()
        }
        FailureCause::Dial(DialFailure::Failed) => {
            "Twilio could not reach the dialed phone".to_owned()
        }
        FailureCause::Dial(DialFailure::Canceled) => {
            "the call to the dialed phone was canceled".to_owned()
        }
        FailureCause::Handler(reason) => reason.to_string(),
        FailureCause::Unknown => "Twilio names no cause".to_owned(),
    }
}

/// Why an agent was not tried.
const fn skipped(why: Skipped) -> &'static str {
    match why {
        Skipped::Down => {
            "its voice server was down, because its health check or its latest connections had failed"
        }
        Skipped::Full => "it had as many calls as its capacity",
        Skipped::Disabled => "it was disabled",
        Skipped::Closed => "it was outside of its hours",
        Skipped::NoTarget => "it had no target for calls",
        Skipped::ZeroWeight => "its weight was 0",
    }
}

/// A stream, in Twilio's words if it failed.
fn streamed(state: StreamState, error: Option<&ErrorText>, wording: &dyn Wording) -> String {
    match (state, error) {
        (StreamState::Started, _) => "started: Twilio is connected to the voice server".to_owned(),
        (StreamState::Stopped, _) => "stopped".to_owned(),
        (StreamState::Failed, None) => "failed; Twilio names no cause".to_owned(),
        (StreamState::Failed, Some(error)) => match error.code() {
            Some(code) => format!("failed: Twilio's error {code}, {}", wording.twilio_error(code)),
            None => format!("failed: {error}"),
        },
    }
}

/// The agent whose voice server read the session.
fn session_opened(story: &CallStory<'_>, opened: Timestamp) -> String {
    let attempts = &story.call.attempts;
    let place = attempts.iter().rposition(|attempt| attempt.at <= opened);
    let tried = place.and_then(|place| story.tried.get(place)).and_then(Option::as_ref);
    let which = match place {
        Some(place) if attempts.len() > 1 => format!(" (attempt {})", place + 1),
        _ => String::new(),
    };
    match tried.or(story.agent.as_ref()) {
        Some(agent) => format!(
            "the voice server of {agent}{which} requested the session of the call: its stream is open"
        ),
        None => "the voice server requested the session of the call: its stream is open".to_owned(),
    }
}

/// How the connection to the last destination ended.
fn connection_end(story: &CallStory<'_>, end: Disconnection, wording: &dyn Wording) -> String {
    let call = story.call;
    if let Some(code) = end.error_code {
        return format!("the connection failed: {}", failure(FailureCause::Code(code), wording));
    }
    let session = match call.session_opened_at {
        None if has_agent(call) => "; the voice server did not request the session of the call",
        _ => "",
    };
    let last = match story.tried.last() {
        Some(tried) => tried.as_ref(),
        None => story.agent.as_ref(),
    };
    let last = last.map_or_else(|| "the last destination".to_owned(), ToString::to_string);
    format!("the connection to {last} closed without an error{session}")
}

/// How a request was verified.
fn signature(verified_by: VerifiedBy, wording: &dyn Wording) -> String {
    match verified_by {
        VerifiedBy::PrimaryToken => "the signature matches the account's token".to_owned(),
        VerifiedBy::NextToken => "the signature matches the account's next token".to_owned(),
        VerifiedBy::OwnerToken => {
            "the signature matches the token of the owner of the Connect app".to_owned()
        }
        VerifiedBy::Reported(refusal) => format!(
            "the request would be refused, but validation only reports: {}",
            wording.refusal(refusal)
        ),
        VerifiedBy::Unchecked => "the signature was not checked".to_owned(),
    }
}
