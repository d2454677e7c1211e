//! Conversation relays.

use serde_json::{Value, json};
use switchboard_twilio_simulator::phone::{CallReport, Event};

use crate::customer::{Answer, Customer, exchange};
use crate::voice::{Do, Voice};

/// A call to a conversation relay, whose caller says two things.
async fn talk(voice: &Voice) -> (Customer, CallReport) {
    let connect = format!(
        r#"<Connect action="/ended"><ConversationRelay url="{}" welcomeGreeting="Hi" language="de-DE">
        <Parameter name="agentId" value="agt_1"/></ConversationRelay></Connect>"#,
        voice.url
    );
    let customer = Customer::answering(move |asked| match asked.path() {
        "/voice" => Answer::twiml(&connect),
        _ => Answer::twiml("<Hangup/>"),
    });
    let mut call = customer.call();
    call.caller.prompts = vec!["Are you open?".to_owned(), "Thanks".to_owned()];
    let report = exchange().call(call, &|_| {}).await;
    (customer, report)
}

fn said(report: &CallReport) -> Vec<&str> {
    let events = report.transcript.events();
    events
        .filter_map(|event| match event {
            Event::Said { text } => Some(text.as_str()),
            _ => None,
        })
        .collect()
}

fn text(token: &str, last: bool) -> Do {
    Do::Say(json!({"type": "text", "token": token, "last": last}))
}

#[tokio::test]
async fn the_caller_and_the_agent_take_turns_until_everything_is_said() {
    let voice = Voice::answering(|told, _| match told["voicePrompt"].as_str() {
        Some("Are you open?") => vec![text("Yes, ", false), text("until six.", true)],
        Some(_) => vec![text("Bye.", true)],
        None => Vec::new(),
    })
    .await;
    let (customer, report) = talk(&voice).await;
    assert_eq!(said(&report), ["Hi", "Yes, until six.", "Bye."]);
    assert_eq!(voice.signatures(), [true]);
    let told = voice.told();
    assert_eq!((&told[0]["type"], &told[0]["callSid"]), (&json!("setup"), &json!(report.sid)));
    assert_eq!(told[0]["customParameters"], json!({"agentId": "agt_1"}));
    let prompt: &Value = &told[1];
    assert_eq!((&prompt["lang"], &prompt["last"]), (&json!("de-DE"), &json!(true)));
    let asked = customer.asked();
    assert_eq!(asked[1].field("SessionStatus").as_deref(), Some("completed"));
    assert_eq!(asked[1].field("CallStatus").as_deref(), Some("completed"));
}

#[tokio::test]
async fn what_the_agent_hands_off_reaches_the_action() {
    let voice = Voice::answering(|told, _| {
        let end = || Do::Say(json!({"type": "end", "handoffData": "{\"to\":\"desk\"}"}));
        if told["type"] == "prompt" { vec![end()] } else { Vec::new() }
    })
    .await;
    let (customer, _) = talk(&voice).await;
    let asked = customer.asked();
    let field = |name| asked[1].field(name).unwrap();
    assert_eq!(field("HandoffData"), r#"{"to":"desk"}"#);
    assert_eq!(
        (field("SessionStatus"), field("CallStatus")),
        ("ended".to_owned(), "in-progress".to_owned())
    );
}

#[tokio::test]
async fn a_session_that_breaks_or_makes_no_sense_has_failed() {
    let leaving =
        Voice::answering(|_, number| if number == 1 { vec![Do::Close] } else { Vec::new() });
    let nonsense = Voice::answering(|_, number| {
        if number == 1 { vec![Do::Say(json!({"type": "what"})); 10] } else { Vec::new() }
    });
    for (voice, code) in [(leaving.await, "39001"), (nonsense.await, "64105")] {
        let (customer, report) = talk(&voice).await;
        let asked = customer.asked();
        assert_eq!(
            asked[1].field("SessionStatus").as_deref(),
            Some("failed"),
            "{}",
            report.transcript
        );
        assert_eq!(asked[1].field("ErrorCode").as_deref(), Some(code));
    }
}
