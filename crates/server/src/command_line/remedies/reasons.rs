//! Remedies for reasons: why a number is not answered, and why its configuration at Twilio is not right.

use switchboard_domain::configuration::DriftReason;
use switchboard_domain::plan::ProblemKind;
use switchboard_domain::routing::Reason;
use switchboard_domain::sid::{AccountSid, CallSid};

/// What to do about a routing decision.
pub(in crate::command_line) const fn decision(reason: Reason) -> Option<&'static str> {
    match reason {
        Reason::UnknownNumber => {
            Some("add it with `switchboard number add` or `switchboard sender add`")
        }
        Reason::Unassigned => {
            Some("assign it with `switchboard number assign` or `switchboard sender assign`")
        }
        Reason::ChannelOff => Some("add the channel with `switchboard number assign --channels`"),
        Reason::AgentDisabled => Some("enable it with `switchboard agent set --enable`"),
        Reason::NoVoiceTarget => Some(
            "set VOICE_SERVER_URL, or give it a target with `switchboard agent set --stream-url`",
        ),
        Reason::NoMessageTarget => Some("give it one with `switchboard agent set --reply`"),
        Reason::NobodyAvailable => Some("see `switchboard route explain`"),
        Reason::HandlerFailed => Some(
            "see `switchboard call show`, check the log of the handler, or attach a routing plan with a fallback chain",
        ),
        Reason::OptedOut => Some("the contact gets messages again after it sends START"),
        Reason::LoopStopped => Some("see `switchboard conversation show`"),
        Reason::Assigned | Reason::Planned | Reason::PlannedAction | Reason::Keyword => None,
    }
}

/// What a recorded call refers to.
pub(in crate::command_line) struct Subject<'a> {
    pub(in crate::command_line) call: CallSid,
    pub(in crate::command_line) account: AccountSid,
    /// The id of the agent that could not take the call.
    pub(in crate::command_line) agent: Option<&'a str>,
}

/// What to do about the decision about a recorded call: complete commands, except for the number, which is masked.
pub(in crate::command_line) fn call_decision(
    reason: Reason,
    subject: &Subject<'_>,
) -> Option<String> {
    let Subject { call, account, agent } = subject;
    let agent = agent.unwrap_or("AGENT");
    match reason {
        Reason::UnknownNumber => Some(format!(
            "see the number with `switchboard call show {call} --reveal`; if it is yours, add it with `switchboard number add NUMBER --account {account}`, and assign it to an agent"
        )),
        Reason::Unassigned => Some(format!(
            "assign it with `switchboard number assign NUMBER --agent AGENT` (`switchboard call show {call} --reveal` shows the number, `switchboard agent list` the agents)"
        )),
        Reason::ChannelOff => Some(format!(
            "add the channel with `switchboard number assign NUMBER --agent {agent} --channels voice,sms` (`switchboard call show {call} --reveal` shows the number)"
        )),
        Reason::AgentDisabled => Some(format!(
            "if the agent is to take calls, enable it with `switchboard agent set {agent} --enable`"
        )),
        Reason::NoVoiceTarget => Some(format!(
            "give the agent a target with `switchboard agent set {agent} --stream-url wss://…`, or set VOICE_SERVER_URL for all agents without one"
        )),
        Reason::NobodyAvailable => Some(format!("see `switchboard route explain --call {call}`")),
        Reason::NoMessageTarget
        | Reason::Assigned
        | Reason::Planned
        | Reason::PlannedAction
        | Reason::Keyword
        | Reason::OptedOut
        | Reason::LoopStopped => decision(reason).map(str::to_owned),
        // The failed attempt says what to do.
        Reason::HandlerFailed => None,
    }
}

/// What to do about a difference that no change of fields resolves.
pub(in crate::command_line) const fn drift(reason: DriftReason) -> &'static str {
    match reason {
        // As a blocker: the plan that is carried out does not change the field.
        DriftReason::WrongUrl
        | DriftReason::WrongMethod
        | DriftReason::LegacyAgentId
        | DriftReason::ChannelOff => {
            "create a new plan with `switchboard webhooks plan --out FILE`"
        }
        DriftReason::OverriddenByTrunk | DriftReason::OverriddenByApplication => {
            "clear it with --take-over"
        }
        DriftReason::OverriddenByService => {
            "let the service use each number's own URL with --take-over"
        }
        DriftReason::SenderOverriddenByService => {
            "take it out of the service in Twilio's Console, or let the service defer to the webhook of the sender"
        }
        DriftReason::SenderMissing => {
            "register one at Twilio, or assign the number without that channel"
        }
        DriftReason::CapabilityMissing => "assign it without that channel",
        DriftReason::RegionMismatch => {
            "change the number's region at Twilio, or the account's with `switchboard account set --region`"
        }
        DriftReason::MovedAccount => {
            "remove it with `switchboard number remove` or `switchboard sender remove`, then add it to that account"
        }
        DriftReason::NotFound => {
            "buy it or move it there, or remove it here with `switchboard number remove` or `switchboard sender remove`"
        }
        DriftReason::NotReadable => "compare these URLs with those in Twilio's Console",
        DriftReason::Unreachable => {
            "check that the account is active at Twilio, and its token with `switchboard account set`"
        }
    }
}

/// What to do about a mistake in a routing plan, by a command and by the API.
pub(super) struct PlanRemedy {
    pub(super) command: &'static str,
    api: &'static str,
}

pub(super) const ADD_AGENT: PlanRemedy = PlanRemedy {
    command: "add it with `switchboard agent add`",
    api: "add it with POST /api/v1/agents",
};
pub(super) const ADD_CALENDAR: PlanRemedy = PlanRemedy {
    command: "add it with `switchboard route calendar set`",
    api: "add it with PUT /api/v1/calendars/{name}",
};
pub(super) const ADD_LIST: PlanRemedy = PlanRemedy {
    command: "add it with `switchboard route list set`",
    api: "add it with PUT /api/v1/lists/{name}",
};
pub(super) const CORRECT_HOURS: PlanRemedy = PlanRemedy {
    command: "set them with `switchboard agent set --hours-file`",
    api: "correct the hours of the agent",
};

/// Mistakes in the document itself are explained there.
const fn plan_remedy(kind: &ProblemKind) -> Option<PlanRemedy> {
    match kind {
        ProblemKind::AgentUnknown { .. } => Some(ADD_AGENT),
        ProblemKind::CalendarUnknown { .. } => Some(ADD_CALENDAR),
        ProblemKind::ListUnknown { .. } => Some(ADD_LIST),
        ProblemKind::HoursUnreadable { .. } => Some(CORRECT_HOURS),
        ProblemKind::Unreadable(_)
        | ProblemKind::TooMany { .. }
        | ProblemKind::AgentAmbiguous { .. }
        | ProblemKind::AgentRepeated
        | ProblemKind::NoZone
        | ProblemKind::NoWeight
        | ProblemKind::NothingToDo
        | ProblemKind::Contradiction(_)
        | ProblemKind::Unreachable { .. }
        | ProblemKind::Overlap { .. }
        | ProblemKind::AfterTheEnd
        | ProblemKind::NothingToChoose => None,
    }
}

/// What to do about a mistake in a routing plan.
pub(in crate::command_line) fn plan_problem(kind: &ProblemKind) -> Option<&'static str> {
    plan_remedy(kind).map(|remedy| remedy.command)
}

/// The same for a client of the API, whose objects name no commands.
pub(in crate::command_line) fn plan_problem_by_api(kind: &ProblemKind) -> Option<&'static str> {
    plan_remedy(kind).map(|remedy| remedy.api)
}

/// The remedy of the command line in place of one of the API.
pub(in crate::command_line) fn plan_remedy_by_command(by_api: &str) -> Option<&'static str> {
    let all = [ADD_AGENT, ADD_CALENDAR, ADD_LIST, CORRECT_HOURS];
    all.into_iter().find(|remedy| remedy.api == by_api).map(|remedy| remedy.command)
}
