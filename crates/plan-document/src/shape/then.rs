//! Who takes it, and what follows where nobody does.

use schemars::JsonSchema;
use serde::Serialize;
use switchboard_domain::plan::{self as domain, DialTo, ThenSpec};
use switchboard_domain::twiml::RejectReason;

use super::limits;
use super::texts::{Language, Name, PhoneNumber, Sentence, Sip, Url};

/// Who takes it: one of the agents by the strategy, and where none of them does, the actions in their order. At least one
/// agent or action is needed.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Then<'a> {
    /// The agents among which is chosen.
    #[serde(skip_serializing_if = "super::is_empty")]
    agents: Vec<Agent<'a>>,
    /// How one of them is chosen; weighted if it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "weighted"))]
    strategy: Option<Strategy>,
    /// A decision service of yours, which may choose among the agents before the strategy does.
    #[serde(skip_serializing_if = "Option::is_none")]
    ask: Option<Ask<'a>>,
    /// What follows where no agent takes it. Only dial and enqueue are followed by anything.
    #[serde(skip_serializing_if = "super::is_empty")]
    next: Vec<Action<'a>>,
}

/// An agent: its id, external id or name, or one of these and a weight.
// Each form is written in its own way; nothing is read by this type.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
enum Agent<'a> {
    Plain(Name<'a>),
    Weighted(WeightedAgent<'a>),
}

/// An agent and its weight.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WeightedAgent<'a> {
    /// The agent's id, external id or name.
    agent: Name<'a>,
    /// How many of the callers it gets, beside the weights of the others. An agent of weight 0 is chosen by nobody but
    /// the decision service.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("minimum" = limits::WEIGHTS.start(), "maximum" = limits::WEIGHTS.end(), "default" = limits::WEIGHT))]
    weight: Option<u32>,
}

/// How one of several agents is chosen.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Strategy {
    /// By weight, and always the same one for the same caller.
    Weighted,
    /// The first that is available.
    Priority,
    /// The one with the fewest calls, beside its capacity.
    LeastBusy,
}

/// A decision service of yours. It is asked by a signed request; when it does not answer in time, the strategy decides.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Ask<'a> {
    /// Where it is.
    url: Url<'a>,
    /// How long it is waited for, in milliseconds.
    #[schemars(extend(
        "minimum" = limits::ASK_MILLISECONDS.start(),
        "maximum" = limits::ASK_MILLISECONDS.end(),
        "default" = limits::ASK_MILLISECOND_DEFAULT
    ))]
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout_ms: Option<u64>,
}

/// What happens where no agent takes it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Action<'a> {
    /// A person is called; after the timeout the next action follows.
    Dial(Dial<'a>),
    /// The caller leaves a message.
    Voicemail(Voicemail<'a>),
    /// A sentence is said, and the call ends; to a message it is the answer.
    Say(Say<'a>),
    /// The call is not taken, and costs nothing.
    Reject(Reject),
    /// Other TwiML takes over, from this URL.
    Redirect(Url<'a>),
    /// The caller waits in the queue of this name at Twilio.
    Enqueue(Name<'a>),
}

/// Who is called: a phone or a SIP address.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = [{"required": ["number"]}, {"required": ["sip"]}]))]
struct Dial<'a> {
    /// The phone.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<PhoneNumber<'a>>,
    /// The SIP address.
    #[serde(skip_serializing_if = "Option::is_none")]
    sip: Option<Sip<'a>>,
    /// How long it rings, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend(
        "minimum" = limits::DIAL_SECONDS.start(),
        "maximum" = limits::DIAL_SECONDS.end(),
        "default" = limits::DIAL_SECOND_DEFAULT
    ))]
    timeout_seconds: Option<u16>,
}

/// A message of the caller's.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Voicemail<'a> {
    /// What is said before the tone.
    greeting: Sentence<'a>,
    /// In which language.
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<Language<'a>>,
    /// How long the message may be, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend(
        "minimum" = limits::VOICEMAIL_SECONDS.start(),
        "maximum" = limits::VOICEMAIL_SECONDS.end(),
        "default" = limits::VOICEMAIL_SECOND_DEFAULT
    ))]
    most_seconds: Option<u16>,
    /// Who is told of the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    announce: Option<Url<'a>>,
}

/// A sentence.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Say<'a> {
    /// The sentence.
    text: Sentence<'a>,
    /// In which language.
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<Language<'a>>,
}

/// What the caller hears of a call that is not taken.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Reject {
    /// The busy tone.
    Busy,
    /// That the number is not in service.
    Rejected,
}

impl<'a> From<&'a ThenSpec> for Then<'a> {
    fn from(then: &'a ThenSpec) -> Self {
        let ThenSpec { agents, strategy, ask, next } = then;
        let are_equal = agents.iter().all(|share| share.weight == limits::WEIGHT);
        let agent = |share: &'a domain::AgentShare| {
            let agent = Name(share.agent.as_str());
            if are_equal {
                Agent::Plain(agent)
            } else {
                Agent::Weighted(WeightedAgent { agent, weight: Some(share.weight) })
            }
        };
        Self {
            agents: agents.iter().map(agent).collect(),
            strategy: Strategy::of(*strategy, agents.len()),
            ask: ask.as_ref().map(|ask| Ask {
                url: Url(ask.url.as_str()),
                timeout_ms: u64::try_from(ask.timeout.as_millis()).ok(),
            }),
            next: next.iter().map(Action::from).collect(),
        }
    }
}

impl Strategy {
    /// One agent is chosen by whatever strategy; the usual one is not worth a word then.
    fn of(strategy: domain::Strategy, agents: usize) -> Option<Self> {
        match strategy {
            domain::Strategy::Weighted if agents < 2 => None,
            domain::Strategy::Weighted => Some(Self::Weighted),
            domain::Strategy::Priority => Some(Self::Priority),
            domain::Strategy::LeastBusy => Some(Self::LeastBusy),
        }
    }
}

impl<'a> From<&'a domain::Action> for Action<'a> {
    fn from(action: &'a domain::Action) -> Self {
        match action {
            domain::Action::Dial { to, timeout_seconds } => {
                let (number, sip) = match to {
                    DialTo::Number(number) => (Some(PhoneNumber(number.as_str())), None),
                    DialTo::Sip(sip) => (None, Some(Sip(sip.as_str()))),
                };
                Self::Dial(Dial { number, sip, timeout_seconds: Some(*timeout_seconds) })
            }
            domain::Action::Voicemail { greeting, most_seconds, announce } => {
                Self::Voicemail(Voicemail {
                    greeting: Sentence(greeting.text.as_str()),
                    language: language(greeting),
                    most_seconds: Some(*most_seconds),
                    announce: announce.as_ref().map(|url| Url(url.as_str())),
                })
            }
            domain::Action::Say(greeting) => Self::Say(Say {
                text: Sentence(greeting.text.as_str()),
                language: language(greeting),
            }),
            domain::Action::Reject(RejectReason::Busy) => Self::Reject(Reject::Busy),
            domain::Action::Reject(RejectReason::Rejected) => Self::Reject(Reject::Rejected),
            domain::Action::Redirect(url) => Self::Redirect(Url(url.as_str())),
            domain::Action::Enqueue(queue) => Self::Enqueue(Name(queue.0.as_str())),
        }
    }
}

fn language(greeting: &domain::Greeting) -> Option<Language<'_>> {
    greeting.language.as_ref().map(|language| Language(language.as_str()))
}
