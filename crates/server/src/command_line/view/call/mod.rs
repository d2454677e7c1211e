//! A call, as it is printed.

mod advice;

use serde::Serialize;
use switchboard_admin::objects::{
    AgentRefObject, CallAttemptObject, CallObject, CallStory, NumberDisplay, by_rule, has_agent,
};
use switchboard_domain::call::{CallRecord, Disconnection, Outcome, TimelineEntry, TimelineEvent};
use switchboard_domain::routing::Reason;

use super::{or_none, sheet};
use crate::command_line::output::View;
use crate::command_line::wording::CommandLineWording;

/// A connection that lasts at most this long probably had no conversation.
const SILENT_SECONDS: i64 = 2;

/// A call, what its values mean, and what to do about it.
#[derive(Debug, Serialize)]
pub(in crate::command_line) struct CallView {
    #[serde(flatten)]
    call: CallObject,
    #[serde(skip)]
    advice: Vec<String>,
    #[serde(skip)]
    notes: Notes,
    #[serde(skip)]
    idle_agent: Option<AgentRefObject>,
}

/// Explanations that are printed with the values of a call.
#[derive(Debug)]
struct Notes {
    is_simulated: bool,
    /// What the outcome means for this call.
    outcome: String,
    /// The plan of the number, if it cannot be read.
    unused_plan: Option<String>,
    /// The event that the end time is taken from.
    end: &'static str,
    /// The source of the duration.
    duration: &'static str,
}

impl Notes {
    fn of(story: &CallStory<'_>) -> Self {
        let call = story.call;
        let is_simulated = call.call.is_simulated();
        let reported = call.progress.and_then(|progress| progress.duration_seconds);
        Self {
            is_simulated,
            outcome: outcome(story),
            unused_plan: unreadable_plan(story)
                .map(|name| format!("not used, because routing plan {name} cannot be read")),
            end: if call.has_ended() {
                "the end of the call was reported"
            } else {
                "the connection ended; the end of the call was not reported"
            },
            duration: match reported {
                None => "from start to end",
                Some(_) if is_simulated => "as simulated",
                Some(_) => "as Twilio reports it",
            },
        }
    }
}

impl CallView {
    pub(in crate::command_line) fn of(story: CallStory<'_>, phone_numbers: NumberDisplay) -> Self {
        Self {
            call: CallObject::of(&story, phone_numbers, &CommandLineWording),
            advice: advice::advice(&story),
            notes: Notes::of(&story),
            idle_agent: story.idle_agent,
        }
    }

    /// The call with its timeline, as text.
    pub(in crate::command_line) fn sheet(&self) -> String {
        let agent = match (&self.call.agent, &self.idle_agent) {
            (Some(agent), _) => Some(destinations(&self.call).unwrap_or_else(|| agent.to_string())),
            (None, Some(idle)) => Some(format!("none; the number is assigned to {idle}")),
            (None, None) => None,
        };
        let plan = match (&self.call.plan, &self.call.rule) {
            (Some(plan), Some(rule)) => Some(by_rule(plan, rule)),
            _ => self.notes.unused_plan.clone(),
        };
        let client = if self.notes.is_simulated { "the simulation's" } else { "Twilio's" };
        let started = format!("{} ({client} first request)", self.call.started_at);
        let ended =
            self.call.ended_at.as_ref().map(|ended| format!("{ended} ({})", self.notes.end));
        let duration = self
            .call
            .duration_seconds
            .map(|seconds| format!("{seconds} s ({})", self.notes.duration));
        let simulated = if self.notes.is_simulated { " (simulated)" } else { "" };
        let sid = format!("{}{simulated}", self.call.sid);
        let mut text = sheet(&[
            ("call", &sid),
            ("outcome", &self.notes.outcome),
            ("from", or_none(self.call.from.as_deref())),
            ("to", or_none(self.call.to.as_deref())),
            ("direction", &self.call.direction),
            ("account", &self.call.account_sid),
            ("agent", agent.as_deref().unwrap_or("none")),
            ("plan", plan.as_deref().unwrap_or("none")),
            ("started", &started),
            ("ended", or_none(ended.as_deref())),
            ("duration", or_none(duration.as_deref())),
        ]);
        text.push_str("\n\nwhat happened");
        for entry in &self.call.timeline {
            for part in ["\n  ", &entry.at, "  ", &entry.detail] {
                text.push_str(part);
            }
        }
        text.push_str("\n\nwhat to do");
        for advice in &self.advice {
            text.push_str("\n  ");
            text.push_str(advice);
        }
        text
    }
}

/// The destinations of a call that fell back, in the order in which they were tried.
fn destinations(call: &CallObject) -> Option<String> {
    let names: Vec<_> = call.attempts.iter().filter_map(CallAttemptObject::destination).collect();
    (names.len() > 1).then(|| names.join(", then "))
}

/// The outcome in its word, with what it means for this call.
fn outcome(story: &CallStory<'_>) -> String {
    let call = story.call;
    let outcome = call.outcome();
    let word = outcome.as_str();
    if is_silent(call) {
        return format!(
            "{word}, but the caller probably heard nothing: the stream ended at once, and the voice server did not request the session of the call"
        );
    }
    let why_nobody = call.decision.as_ref().map(|decision| decision.reason).filter(|reason| {
        matches!(
            reason,
            Reason::UnknownNumber
                | Reason::Unassigned
                | Reason::ChannelOff
                | Reason::AgentDisabled
                | Reason::NoVoiceTarget
                | Reason::NobodyAvailable
                | Reason::HandlerFailed
        )
    });
    match (outcome, why_nobody) {
        (Outcome::Answered, _) if is_simulated_without_stream(story) => {
            format!("{word}: only the response to Twilio was simulated, so nothing was connected")
        }
        (Outcome::Unanswered, Some(reason)) => format!("{word}: {}", reason.explanation()),
        (Outcome::Answered, _) => match (&story.agent, unreadable_plan(story)) {
            (Some(agent), None) => format!("{word}: {} took the call", agent.short()),
            (Some(agent), Some(plan)) => format!(
                "{word}: {} took the call, because routing plan {plan} cannot be read",
                agent.short()
            ),
            (None, _) => format!("{word}: {}", outcome.explanation()),
        },
        _ => format!("{word}: {}", outcome.explanation()),
    }
}

/// The name of the plan that would decide, if it could be read.
fn unreadable_plan<'a>(story: &'a CallStory<'_>) -> Option<&'a str> {
    let unused = story.unused_plan.as_ref().filter(|unused| unused.is_unreadable)?;
    Some(unused.name.as_str())
}

/// Whether a call to an agent was simulated only up to the answer with its TwiML.
fn is_simulated_without_stream(story: &CallStory<'_>) -> bool {
    let call = story.call;
    let is_stream = |entry: &TimelineEntry| matches!(entry.event, TimelineEvent::Stream { .. });
    call.call.is_simulated()
        && has_agent(call)
        && call.disconnection.is_none()
        && call.session_opened_at.is_none()
        && !story.timeline.iter().any(is_stream)
}

/// Whether the connection to an agent ended at once without an error, so the caller probably heard nothing.
fn is_silent(call: &CallRecord) -> bool {
    let began = call.attempts.last().map(|attempt| attempt.at);
    let began = began.or(call.decision.as_ref().map(|decision| decision.at));
    match (began, call.disconnection) {
        (Some(began), Some(Disconnection { error_code: None, at })) => {
            has_agent(call)
                && call.session_opened_at.is_none()
                && at.seconds() - began.seconds() <= SILENT_SECONDS
        }
        _ => false,
    }
}

impl View for CallObject {
    const COLUMNS: &'static [&'static str] =
        &["STARTED", "SID", "FROM", "TO", "AGENT", "OUTCOME", "REASON", "SECONDS"];

    const WHOLE: &'static [usize] = &[0, 1];

    const OPTIONAL: &'static [usize] = &[6, 7, 4];

    fn cells(&self) -> Vec<String> {
        let agent = self.agent.as_ref().map(AgentRefObject::short);
        let seconds = self.duration_seconds.map(|seconds| seconds.to_string());
        vec![
            self.started_at.clone(),
            self.sid.clone(),
            or_none(self.from.as_deref()).to_owned(),
            or_none(self.to.as_deref()).to_owned(),
            or_none(agent).to_owned(),
            self.outcome.to_string(),
            or_none(self.reason.as_deref()).to_owned(),
            or_none(seconds.as_deref()).to_owned(),
        ]
    }
}
