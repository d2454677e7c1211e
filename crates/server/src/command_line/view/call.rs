//! A call, as it is printed.

use serde::Serialize;
use switchboard_domain::address::Address;
use switchboard_domain::authentication::VerifiedBy;
use switchboard_domain::call::{AttemptDestination, CallRecord, Disconnection, Outcome};
use switchboard_domain::time::Timestamp;

use super::DecidedView;
use super::party::{AgentRefView, PlanRefView, RuleRefView, address};
use super::{NONE, instant, or_none, sheet};
use crate::command_line::output::View;
use crate::command_line::remedies::{self, twilio_error};

/// What to do about a call that is in order.
const NOTHING_TO_DO: &str = "nothing";
/// A connection that lasts no longer probably had no conversation.
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
    is_simulated: bool,
    #[serde(skip)]
    is_silent: bool,
}

/// An attempt of the fallback chain.
#[derive(Debug, Serialize)]
struct AttemptView {
    at: String,
    /// `agent`, `action` or `exhausted`.
    kind: &'static str,
    agent: Option<AgentRefView>,
    action: Option<&'static str>,
}

/// Something that happened to the call.
#[derive(Debug, Serialize)]
struct EntryView {
    at: String,
    kind: &'static str,
    detail: String,
}

impl CallView {
    /// `tried` are the agents of the attempts, in their order.
    pub(in crate::command_line) fn of(
        call: &CallRecord,
        agent: Option<AgentRefView>,
        plan: Option<PlanRefView>,
        tried: Vec<Option<AgentRefView>>,
        is_outbound: bool,
        reveal: bool,
    ) -> Self {
        let shown = |side: Option<&Address>| side.map(|side| address(side, reveal));
        let (from, to) = (call.from.as_ref(), call.to.as_ref());
        let attempts: Vec<_> = call
            .attempts
            .iter()
            .zip(tried)
            .map(|(attempt, agent)| AttemptView::of(attempt.at, &attempt.destination, agent))
            .collect();
        let decision = call.decision.as_ref();
        let rule = decision.and_then(|decision| decision.rule.as_ref()).map(RuleRefView::of);
        let timeline = timeline(call, agent.as_ref(), plan.as_ref(), rule.as_ref(), &attempts);
        let ended = ended(call);
        Self {
            sid: call.call.to_string(),
            account_sid: call.account.to_string(),
            organization: call.organization.to_string(),
            number: shown(if is_outbound { from } else { to }),
            from: shown(from),
            to: shown(to),
            direction: if is_outbound { "outbound" } else { "inbound" },
            agent,
            plan,
            rule,
            reason: decision.map(|decision| decision.reason.as_str()),
            outcome: call.outcome().as_str(),
            attempts,
            started_at: instant(call.first_seen_at),
            ended_at: ended.map(instant),
            duration_seconds: duration(call, ended),
            timeline,
            advice: advice(call),
            is_simulated: call.call.is_simulated(),
            is_silent: is_silent(call),
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

    /// The whole story, for people.
    pub(in crate::command_line) fn sheet(&self) -> String {
        let outcome = Outcome::parse(self.outcome).map_or("", Outcome::explanation);
        let outcome = if self.is_silent {
            format!("{}, but probably silent: the stream ended at once", self.outcome)
        } else {
            format!("{}: {outcome}", self.outcome)
        };
        let agent = self.agent.as_ref().map(ToString::to_string);
        let plan = match (&self.plan, &self.rule) {
            (Some(plan), Some(rule)) => Some(format!("{plan}: {rule}")),
            _ => None,
        };
        let duration = self.duration_seconds.map(|seconds| format!("{seconds} s"));
        let simulated = if self.is_simulated { " (simulated)" } else { "" };
        let sid = format!("{}{simulated}", self.sid);
        let mut text = sheet(&[
            ("call", &sid),
            ("outcome", &outcome),
            ("from", or_none(self.from.as_deref())),
            ("to", or_none(self.to.as_deref())),
            ("direction", self.direction),
            ("account", &self.account_sid),
            ("agent", or_none(agent.as_deref())),
            ("plan", or_none(plan.as_deref())),
            ("started", &self.started_at),
            ("ended", or_none(self.ended_at.as_deref())),
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

impl AttemptView {
    fn of(at: Timestamp, destination: &AttemptDestination, agent: Option<AgentRefView>) -> Self {
        let (kind, action) = match destination {
            AttemptDestination::Agent(_) => ("agent", None),
            AttemptDestination::Action(action) => ("action", Some(*action)),
            AttemptDestination::Exhausted => ("exhausted", None),
        };
        Self { at: instant(at), kind, agent, action }
    }

    /// `follows_agent`: an agent had the call before, so it was answered.
    fn sentence(&self, place: usize, follows_agent: bool) -> String {
        let to = match (&self.agent, self.action) {
            (Some(agent), _) => agent.to_string(),
            (None, Some(action)) => format!("the action {action}"),
            (None, None) => return "every destination had been tried".to_owned(),
        };
        // Behind a dialed phone that nobody answered, a call can still be rejected.
        let is_late_reject = place > 1 && self.action == Some("reject") && follows_agent;
        let what = if is_late_reject {
            format!("; {}", super::destination::ANSWERED_IS_NOT_REJECTED)
        } else {
            String::new()
        };
        format!("attempt {place}: sent to {to}{what}")
    }
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

fn timeline(
    call: &CallRecord,
    agent: Option<&AgentRefView>,
    plan: Option<&PlanRefView>,
    rule: Option<&RuleRefView>,
    attempts: &[AttemptView],
) -> Vec<EntryView> {
    let mut entries: Vec<(Timestamp, &'static str, String)> = Vec::new();
    if let Some(decision) = &call.decision {
        entries.push((
            call.first_seen_at,
            "webhook",
            "Twilio asked what to do with the call".to_owned(),
        ));
        entries.push((decision.at, "signature", signature(decision.verified_by)));
        let by = match (plan, rule) {
            (Some(plan), Some(rule)) => format!("{plan}: {rule}; "),
            _ => String::new(),
        };
        let to = agent.map_or_else(|| "not connected to an agent".to_owned(), ToString::to_string);
        let why = decision.reason.explanation();
        entries.push((decision.at, "decision", format!("decided: {to}; {by}{why}")));
    } else {
        let seen = "first event of the call; no request for TwiML was recorded".to_owned();
        entries.push((call.first_seen_at, "event", seen));
    }
    let mut follows_agent = false;
    for (place, (attempt, view)) in (1..).zip(call.attempts.iter().zip(attempts)) {
        entries.push((attempt.at, "attempt", view.sentence(place, follows_agent)));
        follows_agent |= matches!(attempt.destination, AttemptDestination::Agent(_));
    }
    if let Some(opened) = call.session_opened_at {
        let detail = "the stream is open: the voice server read the session of the call";
        entries.push((opened, "session_opened", detail.to_owned()));
    }
    if let Some(end) = call.disconnection {
        entries.push((end.at, "connection_ended", connection_end(call, end)));
    }
    if let Some(progress) = call.progress {
        let length = progress.duration_seconds.map(|seconds| format!(" after {seconds} s"));
        let reporter = if call.call.is_simulated() { "the simulation" } else { "Twilio" };
        let status = format!(
            "{reporter} reported: {}{}",
            progress.status.as_str(),
            length.unwrap_or_default()
        );
        let kind = if progress.status.is_final() { "ended" } else { "status" };
        entries.push((progress.at, kind, status));
    }
    entries.sort_by_key(|(at, ..)| *at);
    let view = |(at, kind, detail)| EntryView { at: instant(at), kind, detail };
    entries.into_iter().map(view).collect()
}

/// How the connection to the last destination ended.
fn connection_end(call: &CallRecord, end: Disconnection) -> String {
    if let Some(code) = end.error_code {
        return format!("the connection failed: {code}, {}", twilio_error(code).meaning);
    }
    let began = call.attempts.last().map(|attempt| attempt.at);
    let began = began.or(call.decision.as_ref().map(|decision| decision.at));
    let lasted = began.map_or(String::new(), |began| {
        format!(" after {} s", (end.at.seconds() - began.seconds()).max(0))
    });
    let session = match call.session_opened_at {
        None if has_agent(call) => "; the voice server did not read the session of the call",
        _ => "",
    };
    format!("the connection to the last destination ended without an error{lasted}{session}")
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

/// How a request was verified.
fn signature(verified_by: VerifiedBy) -> String {
    match verified_by {
        VerifiedBy::PrimaryToken => "the signature matches the account's token".to_owned(),
        VerifiedBy::NextToken => "the signature matches the account's next token".to_owned(),
        VerifiedBy::Reported(refusal) => format!(
            "the request would be refused, but validation only reports: {}",
            remedies::refusal_meaning(refusal)
        ),
        VerifiedBy::Unchecked => "the signature was not checked".to_owned(),
    }
}

/// What to do about the call.
fn advice(call: &CallRecord) -> Vec<String> {
    let mut advice = Vec::new();
    if let Some(remedy) =
        call.decision.as_ref().and_then(|decision| remedies::decision(decision.reason))
    {
        advice.push(remedy.to_owned());
    }
    if let Some(code) = call.disconnection.and_then(|end| end.error_code) {
        advice.push(twilio_error(code).remedy.to_owned());
    }
    if let Some(decision) = &call.decision
        && matches!(decision.verified_by, VerifiedBy::Unchecked | VerifiedBy::Reported(_))
    {
        advice.push("set TWILIO_SIGNATURE_VALIDATION to enforced".to_owned());
    }
    if is_silent(call) {
        advice.push(
            "the stream ended at once, so the caller probably heard nothing: check the log of the voice server for this call, \
             and check that it keeps the WebSocket open"
                .to_owned(),
        );
    }
    if advice.is_empty() {
        let sid = call.call;
        advice.push(match call.outcome() {
            Outcome::InProgress if call.decision.is_some() => {
                "nothing; if the call is over, set the status callback of the number with `switchboard webhooks fix`".to_owned()
            }
            Outcome::FellBack => format!(
                "find out why the first destination did not take the call: read the log of its voice server, and see `switchboard route explain --call {sid}`"
            ),
            Outcome::Unanswered => format!(
                "nothing, if the caller hung up; otherwise see `switchboard route explain --call {sid}`"
            ),
            Outcome::Failed => "see the call in Twilio's console".to_owned(),
            Outcome::Answered if sid.is_simulated() => {
                "nothing; to test the voice server, simulate the call with its stream or make a real call".to_owned()
            }
            Outcome::InProgress | Outcome::Answered | Outcome::Rejected => NOTHING_TO_DO.to_owned(),
        });
    }
    advice
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
