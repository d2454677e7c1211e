//! What to do about a call: complete commands, with ids.

use switchboard_admin::objects::{AgentRefObject, CallStory, failures, skipped_agents};
use switchboard_domain::authentication::VerifiedBy;
use switchboard_domain::call::{CallRecord, DialFailure, FailureCause, Outcome};
use switchboard_domain::identifier::AgentId;
use switchboard_domain::plan::Skipped;

use super::is_silent;
use crate::command_line::remedies::{self, Subject, twilio_error};

/// What to do about a call that is in order.
const NOTHING_TO_DO: &str = "nothing";

/// What to do about the call, most important first.
pub(super) fn advice(story: &CallStory<'_>) -> Vec<String> {
    let call = story.call;
    let decision = call.decision.as_ref();
    let mut advice = Vec::new();
    if let Some(decision) = decision {
        let subject = Subject {
            call: call.call,
            account: call.account,
            agent: story.idle_agent.as_ref().map(id_of),
        };
        advice.extend(remedies::call_decision(decision.reason, &subject));
    }
    for (_, place, cause) in failures(story) {
        let tried = story.tried.get(place).and_then(Option::as_ref);
        advice.extend(after_failure(&cause, tried.map(id_of)));
    }
    for (agent, why) in skipped_agents(story) {
        advice.extend(after_skip(agent, why));
    }
    if let Some(code) = call.disconnection.and_then(|end| end.error_code) {
        let last = story.tried.iter().rev().find_map(Option::as_ref).or(story.agent.as_ref());
        advice.push(twilio_error(code).remedy_for(last.map(id_of)));
    }
    if decision.is_some_and(|decision| {
        matches!(decision.verified_by, VerifiedBy::Unchecked | VerifiedBy::Reported(_))
    }) {
        advice.push(format!(
            "enforce signatures once the cause is found: `switchboard account set {} --validation enforced`, or \
             TWILIO_SIGNATURE_VALIDATION=enforced for all accounts",
            call.account
        ));
    }
    if is_silent(call) {
        advice.push(
            "check the log of the voice server for this call: it has to request the session of the call, and to keep the \
             WebSocket open"
                .to_owned(),
        );
    }
    let mut known = Vec::new();
    advice.retain(|line| {
        !known.contains(line) && {
            known.push(line.clone());
            true
        }
    });
    if advice.is_empty() {
        advice.push(otherwise(call));
    }
    if let Some(unused) = story.unused_plan.as_ref().filter(|unused| unused.is_unreadable) {
        advice.retain(|line| line != NOTHING_TO_DO);
        advice.insert(0, format!(
            "see the mistakes of the plan with `switchboard route plan show {} --json`, and save a version without them",
            unused.id
        ));
    }
    advice
}

fn id_of(agent: &AgentRefObject) -> &str {
    &agent.id
}

/// What to do about a failed attempt.
fn after_failure(cause: &FailureCause, agent: Option<&str>) -> Option<String> {
    match cause {
        FailureCause::Code(code) => Some(twilio_error(*code).remedy_for(agent)),
        FailureCause::Dial(DialFailure::Failed) => {
            Some("check the dialed number or SIP address in the routing plan".to_owned())
        }
        FailureCause::Dial(DialFailure::Busy | DialFailure::NoAnswer | DialFailure::Canceled) => {
            None
        }
        FailureCause::Handler(_) => {
            let agent = agent.unwrap_or("AGENT");
            Some(format!(
                "check the log of the handler, and its URL and secret with `switchboard agent show {agent}` and `switchboard agent rotate-secret {agent}`"
            ))
        }
        FailureCause::Unknown => agent.map(|agent| {
            format!("check the log of the voice server of `switchboard agent show {agent}`")
        }),
    }
}

/// What to do about an agent that was not tried.
fn after_skip(agent: &AgentId, why: Skipped) -> Option<String> {
    match why {
        Skipped::Down => Some(format!(
            "check that the voice server of the skipped agent runs and that its URL is right with `switchboard agent show {agent}`"
        )),
        Skipped::Full => Some(format!(
            "if the agent can take more calls, raise its capacity with `switchboard agent set {agent} --capacity N`"
        )),
        Skipped::Disabled | Skipped::Closed | Skipped::NoTarget | Skipped::ZeroWeight => None,
    }
}

/// What to do about a call that nothing else is known about.
fn otherwise(call: &CallRecord) -> String {
    let sid = call.call;
    match call.outcome() {
        Outcome::InProgress if call.decision.is_some() => {
            "nothing; if the call is over, set the status callback of the number with `switchboard webhooks fix`".to_owned()
        }
        Outcome::FellBack => format!(
            "find out why the first destination did not take the call: check the log of its voice server, and see `switchboard route explain --call {sid}`"
        ),
        Outcome::Unanswered => format!(
            "nothing, if the caller hung up; otherwise see `switchboard route explain --call {sid}`"
        ),
        Outcome::Failed => "see the call in Twilio's console".to_owned(),
        Outcome::Answered if sid.is_simulated() => {
            "nothing; to test the voice server, repeat `switchboard simulate voice` without --no-stream, or make a real call".to_owned()
        }
        Outcome::InProgress | Outcome::Answered | Outcome::Rejected => NOTHING_TO_DO.to_owned(),
    }
}
