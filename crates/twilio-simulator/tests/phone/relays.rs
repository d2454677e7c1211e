//! Conversation relays.

use serde_json::{Value, json};
use switchboard_twilio_simulator::phone::{CallReport, Event};

use crate::voice_server::{Action, VoiceServer};
use crate::webhook_server::{MockResponse, WebhookServer, network};

/// A call to a conversation relay with two prompts.
async fn talk(voice: &VoiceServer) -> (WebhookServer, CallReport) {
    let connect = format!(
        r#"<Connect action="/ended"><ConversationRelay url="{}" welcomeGreeting="Hi" language="de-DE">
        <Parameter name="agentId" value="agt_1"/></ConversationRelay></Connect>"#,
        voice.url
    );
    let server = WebhookServer::responding_with(move |request| match request.path() {
        "/voice" => MockResponse::twiml(&connect),
        _ => MockResponse::twiml("<Hangup/>"),
    });
    let mut call = server.call();
    call.caller.prompts = vec!["Are you open?".to_owned(), "Thanks".to_owned()];
    let report = network().call(call, &|_| {}).await;
    (server, report)
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

fn text(token: &str, last: bool) -> Action {
    Action::Send(json!({"type": "text", "token": token, "last": last}))
}

#[tokio::test]
async fn caller_and_agent_take_turns_until_the_script_ends() {
    let voice = VoiceServer::responding_with(|message, _| match message["voicePrompt"].as_str() {
        Some("Are you open?") => vec![text("Yes, ", false), text("until six.", true)],
        Some(_) => vec![text("Bye.", true)],
        None => Vec::new(),
    })
    .await;
    let (server, report) = talk(&voice).await;
    assert_eq!(said(&report), ["Hi", "Yes, until six.", "Bye."]);
    assert_eq!(voice.signatures(), [true]);
    let received = voice.received();
    assert_eq!(
        (&received[0]["type"], &received[0]["callSid"]),
        (&json!("setup"), &json!(report.sid))
    );
    assert_eq!(received[0]["customParameters"], json!({"agentId": "agt_1"}));
    let prompt: &Value = &received[1];
    assert_eq!((&prompt["lang"], &prompt["last"]), (&json!("de-DE"), &json!(true)));
    let requests = server.requests();
    assert_eq!(requests[1].field("SessionStatus").as_deref(), Some("completed"));
    assert_eq!(requests[1].field("CallStatus").as_deref(), Some("completed"));
}

#[tokio::test]
async fn handoff_data_reaches_the_action() {
    let voice = VoiceServer::responding_with(|message, _| {
        let end = || Action::Send(json!({"type": "end", "handoffData": "{\"to\":\"billing\"}"}));
        if message["type"] == "prompt" { vec![end()] } else { Vec::new() }
    })
    .await;
    let (server, _) = talk(&voice).await;
    let requests = server.requests();
    let field = |name| requests[1].field(name).unwrap();
    assert_eq!(field("HandoffData"), r#"{"to":"billing"}"#);
    assert_eq!(
        (field("SessionStatus"), field("CallStatus")),
        ("ended".to_owned(), "in-progress".to_owned())
    );
}

#[tokio::test]
async fn a_broken_or_invalid_session_fails() {
    let leaving =
        VoiceServer::responding_with(
            |_, number| if number == 1 { vec![Action::Close] } else { Vec::new() },
        );
    let nonsense = VoiceServer::responding_with(|_, number| {
        if number == 1 { vec![Action::Send(json!({"type": "what"})); 10] } else { Vec::new() }
    });
    for (voice, code) in [(leaving.await, "39001"), (nonsense.await, "64105")] {
        let (server, report) = talk(&voice).await;
        let requests = server.requests();
        assert_eq!(
            requests[1].field("SessionStatus").as_deref(),
            Some("failed"),
            "{}",
            report.transcript
        );
        assert_eq!(requests[1].field("ErrorCode").as_deref(), Some(code));
    }
}
