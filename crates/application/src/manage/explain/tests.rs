use std::sync::Arc;

use switchboard_domain::agent::VoiceTarget;
use switchboard_domain::call::InboundCall;
use switchboard_domain::form::Form;
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::message::InboundMessage;
use switchboard_domain::number::Channels;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{MockRouteStore, StoreError};
use switchboard_domain::routing::Reason;
use switchboard_domain::time::Timestamp;
use switchboard_domain::web_address::StreamUrl;
use switchboard_store_memory::MemoryStore;

use super::{ExplainRoute, Target};
use crate::manage::AssignNumber;
use crate::manage::fixtures::{add_account, add_agent, add_number, number};

const DIGITS: &str = "0123456789abcdef0123456789abcdef";

fn call(to: &str) -> InboundCall {
    let form = format!("CallSid=CA{DIGITS}&From=%2B14155550199&To={to}&Direction=inbound");
    InboundCall::parse(&Form::parse(form.as_bytes()).unwrap()).unwrap()
}

fn message(from: &str, to: &str) -> InboundMessage {
    let form = format!("MessageSid=SM{DIGITS}&From={from}&To={to}&Body=hi");
    InboundMessage::parse(&Form::parse(form.as_bytes()).unwrap()).unwrap()
}

async fn assigned() -> Arc<MemoryStore> {
    let store = Arc::new(MemoryStore::new());
    add_account(&store, '1').await;
    add_number(&store, "+14155550100", '1').await;
    add_agent(&store, 1, "Sales", None).await;
    let assigning = AssignNumber { numbers: store.clone(), agents: store.clone() };
    let channels = Channels::VOICE_AND_SMS;
    assigning.assign(&Scope::Operator, number("+14155550100"), "Sales", channels).await.unwrap();
    store
}

fn explaining(store: &Arc<MemoryStore>, voice_server: Option<&str>) -> ExplainRoute {
    let voice_server = voice_server.map(|url| VoiceTarget::Stream(StreamUrl::parse(url).unwrap()));
    ExplainRoute { routes: store.clone(), voice_server }
}

#[tokio::test]
async fn a_call_is_explained_by_the_decision_that_answers_it() {
    let store = assigned().await;
    let explanation =
        explaining(&store, None).call(&Scope::Operator, &call("%2B14155550100")).await.unwrap();
    assert_eq!((explanation.reason, explanation.target), (Reason::NoVoiceTarget, None));

    let explaining = explaining(&store, Some("wss://voice.example.com"));
    let explanation = explaining.call(&Scope::Operator, &call("%2B14155550100")).await.unwrap();
    assert_eq!(explanation.reason, Reason::Assigned);
    assert!(matches!(explanation.target, Some(Target::Voice(VoiceTarget::Stream(_)))));

    for unknown in ["%2B14155550101", "sip:bob@example.com"] {
        let explanation = explaining.call(&Scope::Operator, &call(unknown)).await.unwrap();
        assert_eq!(explanation.reason, Reason::UnknownNumber);
    }
}

#[tokio::test]
async fn a_message_is_explained_by_its_channel() {
    let store = assigned().await;
    let explaining = explaining(&store, None);
    let by_sms = message("%2B14155550199", "%2B14155550100");
    let explanation = explaining.message(&Scope::Operator, &by_sms).await.unwrap();
    assert!(matches!(explanation.target, Some(Target::Message(_))));
    let by_whatsapp = message("whatsapp:%2B14155550199", "whatsapp:%2B14155550100");
    let explanation = explaining.message(&Scope::Operator, &by_whatsapp).await.unwrap();
    assert_eq!(explanation.reason, Reason::ChannelOff);
}

#[tokio::test]
async fn the_number_of_another_organization_is_unknown() {
    let store = assigned().await;
    let other = OrganizationId::new(Timestamp::from_seconds(1), [1; 10]);
    let scope = Scope::Organization(other);
    let explanation = explaining(&store, None).call(&scope, &call("%2B14155550100")).await.unwrap();
    assert_eq!((explanation.route, explanation.reason), (None, Reason::UnknownNumber));
}

#[tokio::test]
async fn a_store_that_is_away_is_an_error() {
    let mut routes = MockRouteStore::new();
    routes.expect_route().returning(|_| Err(StoreError::timed_out("routes.route")));
    let explaining = ExplainRoute { routes: Arc::new(routes), voice_server: None };
    assert!(explaining.call(&Scope::Operator, &call("%2B14155550100")).await.is_err());
}
