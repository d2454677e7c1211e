use std::sync::Arc;

use super::{Assigned, Decision, PreparedRoute, Reason, Route, Routed};
use crate::address::Channel;
use crate::agent::{AgentState, Label, MessageTarget, Profile, Reply, VoiceTarget};
use crate::identifier::AgentId;
use crate::number::Channels;
use crate::organization::default_organization;
use crate::sender::Sender;
use crate::sid::AccountSid;
use crate::time::Timestamp;
use crate::web_address::StreamUrl;

fn stream(url: &str) -> VoiceTarget {
    VoiceTarget::Stream(StreamUrl::parse(url).unwrap())
}

fn profile() -> Profile {
    Profile {
        voice_target: Some(stream("wss://own.example.com/")),
        message_target: Some(MessageTarget::Reply(Reply::parse("Hello").unwrap())),
        ..Profile::named(Label::parse("Sales").unwrap())
    }
}

fn route(profile: Profile) -> Route {
    Route {
        sender: Sender::parse("+14155550100").unwrap(),
        organization: default_organization(),
        account: AccountSid::parse("AC0123456789abcdef0123456789abcdef").unwrap(),
        plan: None,
        assigned: Some(Assigned {
            agent: AgentId::new(Timestamp::from_seconds(0), [7; 10]),
            profile: Arc::new(profile),
            channels: Channels::VOICE_AND_SMS,
        }),
    }
}

/// Why calls of the route are decided as they are, which is the same ahead of them as when one comes.
fn call_reason(route: Option<Route>) -> Reason {
    let prepared = route.map(|route| PreparedRoute::new(route, None));
    let routed = Routed::for_explanation(prepared.as_ref());
    let reason = routed.decide_call(None).reason();
    assert_eq!(routed.own_agent().err().unwrap_or(Reason::Assigned), reason);
    reason
}

#[test]
fn the_assigned_agent_answers_by_its_own_target() {
    let server = stream("wss://server.example.com/");
    let prepared = PreparedRoute::new(route(profile()), Some(&server));
    let routed = Routed::for_explanation(Some(&prepared));
    let Decision::Agent { target, .. } = routed.decide_call(Some(&server)) else {
        panic!("no agent answers")
    };
    assert_eq!(target.value(), "wss://own.example.com/");
}

#[test]
fn an_agent_without_a_target_is_reached_by_the_voice_server_of_the_installation() {
    let route = route(Profile { voice_target: None, ..profile() });
    let server = stream("wss://server.example.com/");
    let prepared = PreparedRoute::new(route.clone(), Some(&server));
    let routed = Routed::for_explanation(Some(&prepared));
    let decision = routed.decide_call(Some(&server));
    assert!(matches!(decision, Decision::Agent { target, .. } if target == &server));
    assert!(routed.own_agent().is_ok());
    assert_eq!(call_reason(Some(route)), Reason::NoVoiceTarget);
}

#[test]
fn each_way_to_reach_no_agent_has_its_reason() {
    assert_eq!(call_reason(None), Reason::UnknownNumber);
    let unassigned = Route { assigned: None, ..route(profile()) };
    assert_eq!(call_reason(Some(unassigned)), Reason::Unassigned);
    let disabled = route(Profile { state: AgentState::Disabled, ..profile() });
    assert_eq!(call_reason(Some(disabled)), Reason::AgentDisabled);
    let silent = route(Profile { message_target: None, ..profile() });
    let prepared = PreparedRoute::new(silent, None);
    let routed = Routed::for_explanation(Some(&prepared));
    assert_eq!(routed.decide_message(Channel::Sms).reason(), Reason::NoMessageTarget);
    assert_eq!(routed.decide_message(Channel::WhatsApp).reason(), Reason::ChannelOff);
}

#[test]
fn every_reason_is_read_back_and_explained() {
    for reason in Reason::ALL {
        assert_eq!(Reason::parse(reason.as_str()), Some(reason));
        assert!(!reason.explanation().is_empty());
    }
}
