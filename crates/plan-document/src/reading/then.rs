//! Who takes it, and what follows where nobody does.

use std::time::Duration;

use switchboard_domain::agent::Label;
use switchboard_domain::plan::{
    Action, AgentShare, AskOutside, DialTo, Greeting, QueueName, Strategy, ThenSpec,
};
use switchboard_domain::twiml::RejectReason;

use super::fields::Fields;
use super::place::{Place, Read, Reading};
use super::values::{label, phone_number, sentence, url, whole, word};
use crate::shape::limits;
use crate::shape::words::{ACTIONS, REJECTIONS, STRATEGIES};
use crate::tree::Tree;

pub(super) fn then(place: &Place<'_>, reading: &mut Reading) -> Read<ThenSpec> {
    let mut fields = Fields::of(place, reading, "an object with agents or next")?;
    let agents = fields.list("agents", reading, agent);
    let strategy = fields.optional("strategy", reading, |place, reading| {
        word(place, reading, &STRATEGIES, Strategy::parse)
    });
    let ask = fields.optional("ask", reading, ask);
    let next = fields.list("next", reading, action);
    fields.finish(reading)?;
    Ok(ThenSpec {
        agents: agents?,
        strategy: strategy?.unwrap_or_default(),
        ask: ask?,
        next: next?,
    })
}

fn agent(place: &Place<'_>, reading: &mut Reading) -> Read<AgentShare> {
    if matches!(place.tree, Tree::Text(_)) {
        return Ok(AgentShare { agent: label(place, reading)?, weight: limits::WEIGHT });
    }
    let mut fields = Fields::of(place, reading, "an agent: its name, or an object with agent")?;
    let agent =
        fields.required("agent", "write the agent's id, external id or name", reading, label);
    let weight = fields
        .optional("weight", reading, |place, reading| whole(place, reading, &limits::WEIGHTS));
    fields.finish(reading)?;
    Ok(AgentShare { agent: agent?, weight: weight?.unwrap_or(limits::WEIGHT) })
}

fn ask(place: &Place<'_>, reading: &mut Reading) -> Read<AskOutside> {
    let mut fields = Fields::of(place, reading, "an object with url")?;
    let url = fields.required("url", "write where your decision service is", reading, url);
    let timeout = fields.optional("timeout_ms", reading, |place, reading| {
        whole(place, reading, &limits::ASK_MILLISECONDS)
    });
    fields.finish(reading)?;
    let milliseconds = timeout?.unwrap_or(limits::ASK_MILLISECOND_DEFAULT);
    Ok(AskOutside { url: url?, timeout: Duration::from_millis(milliseconds.into()) })
}

fn action(place: &Place<'_>, reading: &mut Reading) -> Read<Action> {
    let mut fields = Fields::of(place, reading, "an action, an object with one key")?;
    let found = [
        fields.optional("dial", reading, dial),
        fields.optional("voicemail", reading, voicemail),
        fields.optional("say", reading, |place, reading| say(place, reading).map(Action::Say)),
        fields.optional("reject", reading, reject),
        fields.optional("redirect", reading, |place, reading| {
            url(place, reading).map(Action::Redirect)
        }),
        fields.optional("enqueue", reading, |place, reading| {
            label(place, reading).map(|name| Action::Enqueue(QueueName(name)))
        }),
    ];
    let at = fields.at().clone();
    fields.finish(reading)?;
    let mut actions = Vec::new();
    for action in found {
        actions.extend(action?);
    }
    match (actions.pop(), actions.is_empty()) {
        (Some(action), true) => Ok(action),
        (Some(_), false) => {
            Err(reading.refuse(&at, "has several actions; write each as an entry of its own"))
        }
        (None, _) => {
            Err(reading.refuse(&at, format!("has no action; write one of {}", ACTIONS.join(", "))))
        }
    }
}

fn dial(place: &Place<'_>, reading: &mut Reading) -> Read<Action> {
    let mut fields = Fields::of(place, reading, "an object with number or sip")?;
    let number = fields.optional("number", reading, phone_number);
    let sip = fields.optional("sip", reading, sip);
    let timeout = seconds(&mut fields, reading, "timeout_seconds", &limits::DIAL_SECONDS);
    let at = fields.at().clone();
    fields.finish(reading)?;
    let to = match (number?, sip?) {
        (Some(number), None) => DialTo::Number(number),
        (None, Some(sip)) => DialTo::Sip(sip),
        (Some(_), Some(_)) => {
            return Err(reading.refuse(&at, "has both number and sip; write an entry for each"));
        }
        (None, None) => {
            return Err(reading.refuse(&at, "has neither number nor sip; write one of them"));
        }
    };
    Ok(Action::Dial { to, timeout_seconds: timeout?.unwrap_or(limits::DIAL_SECOND_DEFAULT) })
}

fn sip(place: &Place<'_>, reading: &mut Reading) -> Read<Label> {
    let sip = label(place, reading)?;
    let text = sip.as_str();
    let rest = text.strip_prefix("sip:").or_else(|| text.strip_prefix("sips:"));
    if rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace)) {
        return Ok(sip);
    }
    let what = "is no SIP address; write for example sip:desk@pbx.example.com";
    Err(reading.refuse(&place.at, what))
}

fn voicemail(place: &Place<'_>, reading: &mut Reading) -> Read<Action> {
    let mut fields = Fields::of(place, reading, "an object with greeting")?;
    let text = fields.required("greeting", "write what is said before the tone", reading, sentence);
    let language = fields.optional("language", reading, label);
    let most = seconds(&mut fields, reading, "most_seconds", &limits::VOICEMAIL_SECONDS);
    let announce = fields.optional("announce", reading, url);
    fields.finish(reading)?;
    Ok(Action::Voicemail {
        greeting: Greeting { text: text?, language: language? },
        most_seconds: most?.unwrap_or(limits::VOICEMAIL_SECOND_DEFAULT),
        announce: announce?,
    })
}

fn say(place: &Place<'_>, reading: &mut Reading) -> Read<Greeting> {
    let mut fields = Fields::of(place, reading, "an object with text")?;
    let text = fields.required("text", "write what is said", reading, sentence);
    let language = fields.optional("language", reading, label);
    fields.finish(reading)?;
    Ok(Greeting { text: text?, language: language? })
}

fn reject(place: &Place<'_>, reading: &mut Reading) -> Read<Action> {
    let reason = word(place, reading, &REJECTIONS, RejectReason::parse)?;
    Ok(Action::Reject(reason))
}

fn seconds(
    fields: &mut Fields<'_>,
    reading: &mut Reading,
    name: &'static str,
    range: &std::ops::RangeInclusive<u16>,
) -> Read<Option<u16>> {
    let wide = u32::from(*range.start())..=u32::from(*range.end());
    let found = fields.optional(name, reading, |place, reading| whole(place, reading, &wide))?;
    // What is within the range fits.
    Ok(found.and_then(|seconds| u16::try_from(seconds).ok()))
}
