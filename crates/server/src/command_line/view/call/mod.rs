//! A call, as it is printed.

mod advice;
mod timeline;

use std::collections::HashMap;

use serde::Serialize;
use switchboard_domain::address::Address;
use switchboard_domain::call::{
    AttemptDestination, CallRecord, Disconnection, Outcome, TimelineEntry, TimelineEvent,
};
use switchboard_domain::identifier::AgentId;
use switchboard_domain::routing::Reason;
use switchboard_domain::time::Timestamp;

use self::advice::NOTHING_TO_DO;
use self::timeline::EntryView;
use super::DecidedView;
use super::destination::ANSWERED_IS_NOT_REJECTED;
use super::party::{AgentRefView, PlanRefView, RuleRefView, address};
use super::{NONE, instant, or_none, sheet};
use crate::command_line::output::View;

/// A connection that lasts at most this long probably had no conversation.
const SILENT_SECONDS: i64 = 2;

/// A call.
#[derive(Debug, Serialize)]
pub(in crate::command_line) struct CallView {
    sid: String,
    account_sid: String,
    organization: String,
    number: Option<String>,
    from: Option<String>,
    to: Option<String>,
    direction: &'static str,
    agent: Option<AgentRefView>,
    plan: Option<PlanRefView>,
    rule: Option<RuleRefView>,
    reason: Option<&'static str>,
    outcome: &'static str,
    attempts: Vec<AttemptView>,
    started_at: String,
    ended_at: Option<String>,
    duration_seconds: Option<i64>,
    timeline: Vec<EntryView>,
    #[serde(skip)]
    advice: Vec<String>,
    #[serde(skip)]
    notes: Notes,
    #[serde(skip)]
    idle_agent: Option<AgentRefView>,
}

/// Explanations that are printed with the values of a call.
#[derive(Debug)]
struct Notes {
    is_simulated: bool,
    /// What the outcome means for this call.
    outcome: String,
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

/// An attempt of the fallback chain.
#[derive(Debug, Serialize)]
struct AttemptView {
    at: String,
    /// `agent`, `action` or `exhausted`.
    kind: &'static str,
    agent: Option<AgentRefView>,
    action: Option<&'static str>,
    /// Twilio's error code or the outcome of the dialed call; `None` if the attempt did not fail, or for no known cause.
    failure: Option<String>,
}

/// What is known about a call, with the names of what its record refers to.
pub(in crate::command_line) struct CallStory<'a> {
    pub(in crate::command_line) call: &'a CallRecord,
    /// What happened during the call. Lists leave it out.
    pub(in crate::command_line) timeline: &'a [TimelineEntry],
    /// The agent of the decision.
    pub(in crate::command_line) agent: Option<AgentRefView>,
    pub(in crate::command_line) plan: Option<PlanRefView>,
    /// The agents of the attempts, in their order.
    pub(in crate::command_line) tried: Vec<Option<AgentRefView>>,
    /// The agents that the timeline names.
    pub(in crate::command_line) skipped: HashMap<AgentId, AgentRefView>,
    /// The agent that the number is assigned to now, if it could not take the call.
    pub(in crate::command_line) idle_agent: Option<AgentRefView>,
    pub(in crate::command_line) is_outbound: bool,
}

impl CallStory<'_> {
    /// An agent that the timeline names.
    fn agent_name(&self, id: &AgentId) -> String {
        self.skipped.get(id).map_or_else(|| format!("agent {id}"), ToString::to_string)
    }
}

impl CallView {
    pub(in crate::command_line) fn of(story: CallStory<'_>, reveal: bool) -> Self {
        let call = story.call;
        let shown = |side: Option<&Address>| side.map(|side| address(side, reveal));
        let (from, to) = (call.from.as_ref(), call.to.as_ref());
        let failed = timeline::failures(&story);
        let attempts = call.attempts.iter().zip(&story.tried).enumerate();
        let attempts: Vec<_> = attempts
            .map(|(place, (attempt, agent))| {
                let failed = failed.iter().find(|(_, failed, _)| *failed == place);
                let failure = failed.and_then(|(.., cause)| cause.to_text());
                AttemptView::of(attempt.at, &attempt.destination, agent.clone(), failure)
            })
            .collect();
        let decision = call.decision.as_ref();
        let rule = decision.and_then(|decision| decision.rule.as_ref()).map(RuleRefView::of);
        let timeline = timeline::entries(&story, rule.as_ref(), &attempts);
        let ended = ended(call);
        Self {
            sid: call.call.to_string(),
            account_sid: call.account.to_string(),
            organization: call.organization.to_string(),
            number: shown(if story.is_outbound { from } else { to }),
            from: shown(from),
            to: shown(to),
            direction: if story.is_outbound { "outbound" } else { "inbound" },
            rule,
            reason: decision.map(|decision| decision.reason.as_str()),
            outcome: call.outcome().as_str(),
            attempts,
            started_at: instant(call.first_seen_at),
            ended_at: ended.map(instant),
            duration_seconds: duration(call, ended),
            timeline,
            advice: advice::advice(&story),
            notes: Notes::of(&story),
            idle_agent: story.idle_agent,
            agent: story.agent,
            plan: story.plan,
        }
    }

    /// Adds the rules of the plan behind the decision, each with why it does or does not match.
    pub(in crate::command_line) fn with_rules(mut self, plan: Option<&DecidedView>) -> Self {
        let place = self.timeline.iter().position(|entry| entry.kind == "decision");
        if let (Some(plan), Some(place)) = (plan, place) {
            let at = self.timeline.get(place).map(|entry| entry.at.clone()).unwrap_or_default();
            let rules = plan.rules.iter().map(|rule| EntryView {
                at: at.clone(),
                kind: "rule",
                detail: rule.to_string(),
            });
            self.timeline.splice(place..place, rules);
        }
        self
    }

    /// Adds that a routing plan of the number did not decide, and what to do about it.
    pub(in crate::command_line) fn with_unused_plan(
        mut self,
        detail: String,
        remedy: Option<String>,
    ) -> Self {
        if let Some(place) = self.timeline.iter().position(|entry| entry.kind == "decision") {
            let at = self.timeline.get(place).map(|entry| entry.at.clone()).unwrap_or_default();
            self.timeline.insert(place, EntryView { at, kind: "plan", detail });
        }
        if let Some(remedy) = remedy {
            self.advice.retain(|advice| advice != NOTHING_TO_DO);
            self.advice.insert(0, remedy);
        }
        self
    }

    /// The call with its timeline, as text.
    pub(in crate::command_line) fn sheet(&self) -> String {
        let agent = match (&self.agent, &self.idle_agent) {
            (Some(agent), _) => Some(self.destinations().unwrap_or_else(|| agent.to_string())),
            (None, Some(idle)) => Some(format!("none; the number is assigned to {idle}")),
            (None, None) => None,
        };
        let plan = match (&self.plan, &self.rule) {
            (Some(plan), Some(rule)) => Some(timeline::by_rule(plan, rule)),
            _ => None,
        };
        let started = format!("{} (Twilio's first request)", self.started_at);
        let ended = self.ended_at.as_ref().map(|ended| format!("{ended} ({})", self.notes.end));
        let duration =
            self.duration_seconds.map(|seconds| format!("{seconds} s ({})", self.notes.duration));
        let simulated = if self.notes.is_simulated { " (simulated)" } else { "" };
        let sid = format!("{}{simulated}", self.sid);
        let mut text = sheet(&[
            ("call", &sid),
            ("outcome", &self.notes.outcome),
            ("from", or_none(self.from.as_deref())),
            ("to", or_none(self.to.as_deref())),
            ("direction", self.direction),
            ("account", &self.account_sid),
            ("agent", or_none(agent.as_deref())),
            ("plan", or_none(plan.as_deref())),
            ("started", &started),
            ("ended", or_none(ended.as_deref())),
            ("duration", or_none(duration.as_deref())),
        ]);
        text.push_str("\n\nwhat happened");
        for entry in &self.timeline {
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

impl CallView {
    /// The destinations of a call that fell back, in the order in which they were tried.
    fn destinations(&self) -> Option<String> {
        let names = self.attempts.iter().filter_map(AttemptView::destination);
        let names: Vec<_> = names.collect();
        (names.len() > 1).then(|| names.join(", then "))
    }
}

impl AttemptView {
    fn of(
        at: Timestamp,
        destination: &AttemptDestination,
        agent: Option<AgentRefView>,
        failure: Option<String>,
    ) -> Self {
        let (kind, action) = match destination {
            AttemptDestination::Agent(_) => ("agent", None),
            AttemptDestination::Action(action) => ("action", Some(*action)),
            AttemptDestination::Exhausted => ("exhausted", None),
        };
        Self { at: instant(at), kind, agent, action, failure }
    }

    /// Where the attempt leads; `None` after the last destination.
    fn destination(&self) -> Option<String> {
        match (&self.agent, self.action) {
            (Some(agent), _) => Some(agent.to_string()),
            (None, action) => action.map(|action| format!("the action {action}")),
        }
    }

    /// `follows_agent`: an agent had the call before, so it was answered.
    fn sentence(&self, place: usize, follows_agent: bool) -> String {
        let Some(to) = self.destination() else {
            return "every destination had been tried".to_owned();
        };
        // After a dialed phone that nobody answered, a call can still be rejected.
        let is_late_reject = place > 1 && self.action == Some("reject") && follows_agent;
        let what =
            if is_late_reject { format!("; {ANSWERED_IS_NOT_REJECTED}") } else { String::new() };
        format!("attempt {place}: sent to {to}{what}")
    }
}

/// The outcome in its word, with what it means for this call.
fn outcome(story: &CallStory<'_>) -> String {
    let call = story.call;
    let outcome = call.outcome();
    let word = outcome.as_str();
    if is_silent(call) {
        return format!(
            "{word}, but probably silent: the stream opened and ended at once, and its voice server did not read the session"
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
            format!("{word}: the call was simulated without its stream, so nothing was connected")
        }
        (Outcome::Unanswered, Some(reason)) => format!("{word}: {}", reason.explanation()),
        _ => format!("{word}: {}", outcome.explanation()),
    }
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

/// When the call ended, if its end was reported.
fn ended(call: &CallRecord) -> Option<Timestamp> {
    let reported = call.progress.filter(|progress| progress.status.is_final());
    reported.map(|progress| progress.at).or(call.disconnection.map(|end| end.at))
}

/// How long the call lasted: as Twilio reports it, else between the first event and the end.
fn duration(call: &CallRecord, ended: Option<Timestamp>) -> Option<i64> {
    let reported = call.progress.and_then(|progress| progress.duration_seconds);
    let computed = || Some((ended?.seconds() - call.first_seen_at.seconds()).max(0));
    reported.map(i64::from).or_else(computed)
}

/// Whether an agent was the last destination.
fn has_agent(call: &CallRecord) -> bool {
    match call.attempts.last() {
        Some(attempt) => matches!(attempt.destination, AttemptDestination::Agent(_)),
        None => call.decision.as_ref().is_some_and(|decision| decision.agent.is_some()),
    }
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

impl View for CallView {
    const COLUMNS: &'static [&'static str] =
        &["STARTED", "SID", "FROM", "TO", "AGENT", "OUTCOME", "REASON", "SECONDS"];

    const KEY: usize = 1;

    fn cells(&self) -> Vec<String> {
        let agent = self.agent.as_ref().map(AgentRefView::short);
        vec![
            self.started_at.clone(),
            self.sid.clone(),
            or_none(self.from.as_deref()).to_owned(),
            or_none(self.to.as_deref()).to_owned(),
            or_none(agent).to_owned(),
            self.outcome.to_owned(),
            or_none(self.reason).to_owned(),
            self.duration_seconds.map_or_else(|| NONE.to_owned(), |seconds| seconds.to_string()),
        ]
    }
}
