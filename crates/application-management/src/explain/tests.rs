use switchboard_domain::call::InboundCall;
use switchboard_domain::form::Form;
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::message::InboundMessage;
use switchboard_domain::ports::{PlanStore as _, SavedPlan};
use switchboard_domain::web_address::StreamUrl;

use super::{Circumstances, ExplainRoute, Explanation, Target};
use crate::fixtures::{add_account, add_agent, add_number, clock, label, number, numbers, sid};
use crate::routing_plans::{Attached, ExplainPlan, Plans};
use crate::test_prelude::*;

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
    let assigning = numbers(&store);
    let channels = Channels::VOICE_AND_SMS;
    assigning.assign(&operator(), number("+14155550100"), "Sales", channels).await.unwrap();
    store
}

fn sources(store: &Arc<MemoryStore>) -> PlanSources {
    PlanSources { plans: store.clone(), catalogue: store.clone(), codec: Arc::new(PlanDocuments) }
}

fn explaining(store: &Arc<MemoryStore>, voice_server: Option<&str>) -> ExplainRoute {
    let voice_server = voice_server.map(|url| VoiceTarget::Stream(StreamUrl::parse(url).unwrap()));
    let (places, live_calls) = (store.clone(), store.clone());
    let plans = ExplainPlan { sources: sources(store), places, live_calls, longest_call: 3_600 };
    ExplainRoute { routes: store.clone(), plans, voice_server }
}

fn now() -> Circumstances {
    Circumstances {
        at: Timestamp::from_seconds(1_700_000_000),
        facts: CallerFacts::default(),
        counts_calls: true,
    }
}

async fn called(explaining: &ExplainRoute, scope: &Scope, to: &str) -> Explanation {
    explaining.call(scope, &call(to), &now()).await.unwrap()
}

#[tokio::test]
async fn a_call_is_explained_by_the_decision_that_answers_it() {
    let store = assigned().await;
    let explanation = called(&explaining(&store, None), &operator(), "%2B14155550100").await;
    assert_eq!((explanation.reason, explanation.target), (Reason::NoVoiceTarget, None));

    let explaining = explaining(&store, Some("wss://voice.example.com"));
    let explanation = called(&explaining, &operator(), "%2B14155550100").await;
    assert_eq!(explanation.reason, Reason::Assigned);
    assert!(matches!(explanation.target, Some(Target::Voice(VoiceTarget::Stream(_)))));

    for unknown in ["%2B14155550101", "sip:bob@example.com"] {
        let explanation = called(&explaining, &operator(), unknown).await;
        assert_eq!(explanation.reason, Reason::UnknownNumber);
    }
}

#[tokio::test]
async fn a_message_is_explained_by_its_channel() {
    let store = assigned().await;
    let explaining = explaining(&store, None);
    let by_sms = message("%2B14155550199", "%2B14155550100");
    let explanation = explaining.message(&operator(), &by_sms, &now()).await.unwrap();
    assert!(matches!(explanation.target, Some(Target::Message(_))));
    let by_whatsapp = message("whatsapp:%2B14155550199", "whatsapp:%2B14155550100");
    let explanation = explaining.message(&operator(), &by_whatsapp, &now()).await.unwrap();
    assert_eq!(explanation.reason, Reason::ChannelOff);
}

#[tokio::test]
async fn the_nearest_plan_explains_and_one_that_cannot_be_read_leaves_it_to_the_agent() {
    let store = assigned().await;
    let explaining = explaining(&store, Some("wss://voice.example.com"));
    let save = async |chance, name, document: &str| {
        let plan = SavedPlan {
            id: PlanId::new(Timestamp::from_seconds(0), [chance; 10]),
            organization: default_organization(),
            name: label(name),
            version: 1,
            document: document.into(),
            author: label("somebody"),
            saved_at: Timestamp::from_seconds(0),
        };
        store.save(&operator(), &plan).await.unwrap();
    };
    save(1, "Far", r#"{"otherwise":{"agents":["Sales"]}}"#).await;
    save(2, "Near", r#"{"rules":[{"name":"Never","when":{"channels":["sms"]},"then":{"agents":["Sales"]}}],"otherwise":{"next":[{"say":{"text":"No."}}]}}"#).await;
    save(3, "Broken", r#"{"otherwise":{"agents":["gone"]}}"#).await;
    let plans = Plans {
        sources: sources(&store),
        places: store.clone(),
        identifiers: clock(),
        clock: clock(),
    };
    let attach = async |name, place| {
        plans.attach(&operator(), name, |_plan| place).await.unwrap();
        called(&explaining, &operator(), "%2B14155550100").await
    };

    let far = attach("Far", PlanPlace::Organization(default_organization())).await;
    assert_eq!(
        (far.reason, far.agent().map(|(_, name)| name.as_str())),
        (Reason::Planned, Some("Sales"))
    );
    assert_eq!(far.plan.map(|plan| plan.attached), Some(Attached::Organization));
    let near = attach("Near", PlanPlace::Account(sid('1'))).await;
    assert_eq!((near.reason, near.agent()), (Reason::PlannedAction, None));
    let plan = near.plan.unwrap();
    assert_eq!((plan.attached, plan.decided, plan.rules.len()), (Attached::Account, None, 1));
    let broken = attach("Broken", PlanPlace::Number(number("+14155550100"))).await;
    assert_eq!((broken.reason, broken.plan.is_none()), (Reason::Assigned, true));
    assert_eq!(broken.problems[0].at.as_str(), "/otherwise/agents/0");
}

#[tokio::test]
async fn the_number_of_another_organization_is_unknown() {
    let store = assigned().await;
    let other = OrganizationId::new(Timestamp::from_seconds(1), [1; 10]);
    let scope = Scope::Organization(other);
    let explanation = called(&explaining(&store, None), &scope, "%2B14155550100").await;
    assert_eq!((explanation.route, explanation.reason), (None, Reason::UnknownNumber));
}

#[tokio::test]
async fn a_store_that_is_away_is_an_error() {
    let store = assigned().await;
    store.fail_next("route", 1, Fault::Unavailable);
    let call = call("%2B14155550100");
    assert!(explaining(&store, None).call(&operator(), &call, &now()).await.is_err());
}
