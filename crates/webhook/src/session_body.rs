//! The JSON body of a session.

use std::collections::BTreeMap;

use serde::Serialize;
use switchboard_application::OpenedSession;
use switchboard_domain::address::Address;
use switchboard_domain::agent::Label;
use switchboard_domain::call::{CallDirection, CallRecord};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::plan::{Attestation, Caller};
use switchboard_domain::thread::ThreadEntry;
use switchboard_domain::time::Timestamp;

/// Everything that a voice server reads about its call.
#[derive(Serialize)]
pub(crate) struct SessionBody<'a> {
    call: CallBody<'a>,
    agent: AgentBody<'a>,
    number: NumberBody<'a>,
    organization: OrganizationBody<'a>,
    /// The routing plan that decided; `None` if none did.
    plan: Option<PlanBody<'a>>,
    conversation: ConversationBody<'a>,
    /// The agent's own parameters, including those that are too long for the stream.
    parameters: BTreeMap<&'a str, &'a str>,
    /// When the token expires.
    expires_at: String,
}

#[derive(Serialize)]
struct CallBody<'a> {
    sid: &'a str,
    account_sid: &'a str,
    /// `None` if the caller withheld its number, or if the number is unknown.
    from: Option<String>,
    to: Option<String>,
    direction: Option<&'static str>,
    started_at: String,
    caller: CallerBody,
}

/// What Twilio reported about the caller.
#[derive(Default, Serialize)]
struct CallerBody {
    country: Option<String>,
    region: Option<String>,
    city: Option<String>,
    attestation: Option<&'static str>,
    withheld: bool,
}

#[derive(Serialize)]
struct AgentBody<'a> {
    id: &'a str,
    external_id: Option<&'a str>,
    name: &'a str,
    prompt: &'a str,
    voice: Option<&'a str>,
    model: Option<&'a str>,
    language: Option<&'a str>,
}

#[derive(Serialize)]
struct NumberBody<'a> {
    phone_number: Option<String>,
    account_sid: &'a str,
}

#[derive(Serialize)]
struct OrganizationBody<'a> {
    id: &'a str,
}

#[derive(Serialize)]
struct PlanBody<'a> {
    id: &'a str,
    name: Option<&'a str>,
    version: u32,
    /// The rule that decided; `None` for `otherwise`.
    rule: Option<RuleBody<'a>>,
}

/// A rule, by its index from zero and its name.
#[derive(Serialize)]
struct RuleBody<'a> {
    index: u32,
    name: Option<&'a str>,
}

#[derive(Serialize)]
struct ConversationBody<'a> {
    /// The turns, oldest first.
    turns: Vec<TurnBody<'a>>,
}

#[derive(Serialize)]
struct TurnBody<'a> {
    at: String,
    direction: &'static str,
    channel: &'static str,
    body: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<EarlierCallBody<'a>>,
}

/// An earlier call of the conversation.
#[derive(Serialize)]
struct EarlierCallBody<'a> {
    sid: &'a str,
    outcome: &'static str,
    duration_seconds: Option<u32>,
}

impl<'a> SessionBody<'a> {
    pub(crate) fn of(opened: &'a OpenedSession) -> Self {
        let profile = &opened.agent.profile;
        let text = |label: &'a Option<Label>| label.as_ref().map(Label::as_str);
        let account_sid = opened.claims.account.as_str();
        Self {
            call: CallBody::of(opened),
            agent: AgentBody {
                id: opened.claims.agent.as_str(),
                external_id: text(&profile.external_id),
                name: profile.name.as_str(),
                prompt: opened.agent.prompt.as_str(),
                voice: text(&profile.voice),
                model: text(&profile.model),
                language: text(&profile.language),
            },
            number: NumberBody {
                phone_number: opened.own_address().and_then(Address::phone_number).map(owned),
                account_sid,
            },
            organization: OrganizationBody { id: opened.agent.organization.as_str() },
            plan: PlanBody::of(opened),
            conversation: ConversationBody {
                turns: opened.thread.latest().into_iter().map(TurnBody::of).collect(),
            },
            parameters: profile.parameters.iter().collect(),
            expires_at: instant(opened.claims.expires_at),
        }
    }
}

impl<'a> CallBody<'a> {
    fn of(opened: &'a OpenedSession) -> Self {
        let call = opened.call.as_ref();
        let address = |address: Option<&Address>| {
            let shown =
                |address: &&Address| !matches!(address, Address::Withheld | Address::Erased);
            address.filter(shown).map(Address::to_text)
        };
        let began = call.map_or(opened.claims.issued_at, |call| call.first_seen_at);
        Self {
            sid: opened.claims.call.as_str(),
            account_sid: opened.claims.account.as_str(),
            from: address(call.and_then(|call| call.from.as_ref())),
            to: address(call.and_then(|call| call.to.as_ref())),
            direction: call.and_then(|call| call.direction).map(CallDirection::as_str),
            started_at: instant(began),
            caller: call.map(CallerBody::of).unwrap_or_default(),
        }
    }
}

impl CallerBody {
    fn of(call: &CallRecord) -> Self {
        let from = call.from.as_ref();
        let withheld = from == Some(&Address::Withheld);
        let Some(facts) = &call.facts else { return Self { withheld, ..Self::default() } };
        let Caller { country, state, city, attestation, .. } = facts.caller(&Address::Withheld);
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Self {
            country: country.map(|country| country.as_str().to_owned()),
            region: given(state),
            city: given(city),
            attestation: attestation.map(Attestation::as_str),
            withheld,
        }
    }
}

impl<'a> PlanBody<'a> {
    fn of(opened: &'a OpenedSession) -> Option<Self> {
        let rule = opened.call.as_ref()?.decision.as_ref()?.rule.as_ref()?;
        let names = opened.plan.as_ref();
        Some(Self {
            id: rule.plan.as_str(),
            name: names.map(|names| names.plan.as_str()),
            version: rule.version,
            rule: rule.rule.map(|index| {
                let name = names.and_then(|names| names.rule.as_ref());
                RuleBody { index, name: name.map(Label::as_str) }
            }),
        })
    }
}

impl<'a> TurnBody<'a> {
    fn of(entry: ThreadEntry<'a>) -> Self {
        let call = match entry {
            ThreadEntry::Called(call) => Some(EarlierCallBody {
                sid: call.call.as_str(),
                outcome: call.outcome().as_str(),
                duration_seconds: call.progress.and_then(|progress| progress.duration_seconds),
            }),
            ThreadEntry::Received(_) | ThreadEntry::Sent(..) => None,
        };
        Self {
            at: instant(entry.at()),
            direction: entry.direction().as_str(),
            channel: entry.channel().as_str(),
            body: entry.text(),
            call,
        }
    }
}

fn owned(number: PhoneNumber) -> String {
    number.as_str().to_owned()
}

/// Formats an instant as RFC 3339 with seconds. Every timestamp of ours is within the supported
/// range.
fn instant(at: Timestamp) -> String {
    jiff::Timestamp::from_second(at.seconds()).unwrap_or_default().to_string()
}
