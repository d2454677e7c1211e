//! A call is answered by its agent, or in a way that costs the caller nothing.

use crate::prelude::*;

const START: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response>"#;
const BUSY: &str =
    r#"<?xml version="1.0" encoding="UTF-8"?><Response><Reject reason="busy"/></Response>"#;
const HANG_UP: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response><Hangup/></Response>"#;

fn inbound(account: &TestAccount) -> Request {
    Request::post(VOICE, &call(account, CALLER, NUMBER)).signed_by(account)
}

fn outbound(account: &TestAccount) -> Fields {
    let fields = call(account, NUMBER, CALLER);
    with(with(fields, "Direction", "outbound-api"), "CallStatus", "in-progress")
}

/// The value of a stream's parameter.
fn parameter<'a>(twiml: &'a str, name: &str) -> Option<&'a str> {
    let (_, after) = twiml.split_once(&format!(r#"<Parameter name="{name}" value=""#))?;
    after.split_once('"').map(|(value, _)| value)
}

/// The TwiML with its session token removed.
fn without_token(twiml: &str) -> String {
    twiml.replace(parameter(twiml, "sessionToken").unwrap(), "")
}

#[tokio::test]
async fn a_call_is_connected_to_the_stream_of_the_agent_with_everything_it_is_told() {
    let (app, main, sales) = TestApp::with_one_number(AppOptions::default()).await;
    let answer = app.voice(&inbound(&main)).await.unwrap();
    assert_eq!(answer.reason, Reason::Assigned);
    assert_eq!((answer.agent, answer.account), (Some(sales.id.clone()), main.sid));
    let twiml = answer.twiml.as_str();
    let connect =
        r#"<Connect action="https://calls.example.com/api/twilio/voice/connected" method="POST">"#;
    let begin = format!(
        r#"{START}{connect}<Stream url="wss://voice.example.net/stream" statusCallback="https://calls.example.com/api/twilio/status" statusCallbackMethod="POST"><Parameter name="agentId""#
    );
    assert!(twiml.starts_with(&begin), "{twiml}");
    let expected = [
        ("agentId", sales.id.as_str()),
        ("externalId", "external-1"),
        ("agentName", "Sales"),
        ("voice", "alloy"),
        ("model", "gpt-4o"),
        ("language", "en-US"),
        ("callSid", CALL),
        ("direction", "inbound"),
        ("sessionUrl", &format!("https://calls.example.com/api/voice/sessions/{CALL}")),
    ];
    for (name, value) in expected {
        assert_eq!(parameter(twiml, name), Some(value), "{name}");
    }
}

#[tokio::test]
async fn the_token_of_an_answer_opens_the_session_of_that_call_with_a_prompt_of_20_kilobytes() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    let long =
        Agent { prompt: Prompt::parse(&"Sell shoes. ".repeat(1_700)).unwrap(), ..agent(2, "Long") };
    app.add_agent(&long).await;
    app.add_number("+14155550102", &main, Some(&long)).await;
    let request = Request::post(VOICE, &call(&main, CALLER, "+14155550102")).signed_by(&main);
    let answer = app.voice(&request).await.unwrap();
    let token = parameter(answer.twiml.as_str(), "sessionToken").unwrap();
    let claims = app.sessions.verify(token, NOW).unwrap();
    assert_eq!((claims.account, &claims.agent, claims.issued_at), (main.sid, &long.id, NOW));
    let opened = app.open_session.open(CallSid::parse(CALL).unwrap(), token).await.unwrap();
    assert_eq!(opened.agent.prompt.as_str().len(), 20_400);
    assert_eq!(*opened.agent, long);
}

#[tokio::test]
async fn a_call_by_get_is_answered_like_one_by_post() {
    let (app, main, sales) = TestApp::with_one_number(AppOptions::default()).await;
    let posted = app.voice(&inbound(&main)).await.unwrap();
    let request = Request::get(VOICE, &call(&main, CALLER, NUMBER)).signed_by(&main);
    let got = app.voice(&request).await.unwrap();
    assert_eq!((got.agent, got.twiml), (Some(sales.id), posted.twiml));
}

#[tokio::test]
async fn a_url_that_still_names_an_agent_is_routed_by_the_number_alone() {
    let (app, main, sales) = TestApp::with_one_number(AppOptions::default()).await;
    let other = agent(2, "Other");
    app.add_agent(&other).await;
    let target = format!("{VOICE}?agentId={}", other.id);
    let request = Request::post(&target, &call(&main, CALLER, NUMBER)).signed_by(&main);
    assert_eq!(app.voice(&request).await.unwrap().agent, Some(sales.id));
}

#[tokio::test]
async fn a_call_that_we_began_is_answered_by_the_agent_of_the_calling_number() {
    let (app, main, sales) = TestApp::with_one_number(AppOptions::default()).await;
    let answer = app.voice(&Request::post(VOICE, &outbound(&main)).signed_by(&main)).await.unwrap();
    assert_eq!((answer.agent, answer.reason), (Some(sales.id), Reason::Assigned));
}

#[tokio::test]
async fn every_kind_of_voice_target_has_its_verb() {
    let main = account(1);
    let relay = StreamUrl::parse("wss://relay.example.net/r").unwrap();
    let redirect = WebUrl::parse("https://flows.example.net/f?a=1&b=2").unwrap();
    let kinds = [
        (
            VoiceTarget::ConversationRelay(relay),
            r#"<ConversationRelay url="wss://relay.example.net/r" language="en-US" voice="alloy">"#,
        ),
        (
            VoiceTarget::Redirect(redirect),
            r#"<Redirect method="POST">https://flows.example.net/f?a=1&amp;b=2</Redirect>"#,
        ),
        (
            VoiceTarget::Dial(phone("+14155550142")),
            r#"<Dial action="https://calls.example.com/api/twilio/voice/connected" method="POST" answerOnBridge="true"><Number>+14155550142</Number></Dial>"#,
        ),
    ];
    for (target, verb) in kinds {
        let app = TestApp::empty().await;
        app.add_account(&main).await;
        let mut other = agent(1, "Other");
        other.profile.voice_target = Some(target);
        app.add_agent(&other).await;
        app.add_number(NUMBER, &main, Some(&other)).await;
        let answer = app.voice(&inbound(&main)).await.unwrap();
        assert!(answer.twiml.as_str().contains(verb), "{}", answer.twiml.as_str());
    }
}

/// Twilio refuses to dial for a caller whose address is not a phone number, unless `callerId` is one (error 13214).
#[tokio::test]
async fn a_dialed_phone_shows_the_called_number_if_the_caller_has_none_to_show() {
    let app = TestApp::empty().await;
    let main = account(1);
    app.add_account(&main).await;
    let mut desk = agent(1, "Desk");
    desk.profile.voice_target = Some(VoiceTarget::Dial(phone("+14155550142")));
    app.add_agent(&desk).await;
    app.add_number(NUMBER, &main, Some(&desk)).await;
    let shown = format!(r#" callerId="{NUMBER}""#);
    for (from, is_shown) in [
        (CALLER, false),
        ("client:web", true),
        ("sip:jo@pbx.example.com", true),
        ("anonymous", true),
        ("+266696687", true),
        ("whatsapp:+14155550199", true),
        ("12345", true),
    ] {
        let request = Request::post(VOICE, &call(&main, from, NUMBER)).signed_by(&main);
        let answer = app.voice(&request).await.unwrap();
        assert_eq!(answer.twiml.as_str().contains(&shown), is_shown, "{from}");
    }
}

#[tokio::test]
async fn an_agent_without_a_voice_target_uses_the_voice_server_of_the_installation() {
    let server = Some(stream("wss://own.example.net/s"));
    let app = TestApp::with(AppOptions { voice_server: server, ..AppOptions::default() }).await;
    let main = account(1);
    app.add_account(&main).await;
    let mut plain = agent(1, "Plain");
    plain.profile.voice_target = None;
    app.add_agent(&plain).await;
    app.add_number(NUMBER, &main, Some(&plain)).await;
    let answer = app.voice(&inbound(&main)).await.unwrap();
    assert!(answer.twiml.as_str().contains(r#"<Stream url="wss://own.example.net/s" "#));
    assert_eq!(answer.reason, Reason::Assigned);
}

/// An app in which nobody answers the number, for the given reason.
async fn unanswered(reason: Reason) -> (TestApp, TestAccount) {
    let app = TestApp::empty().await;
    let main = account(1);
    app.add_account(&main).await;
    let mut own = agent(1, "Own");
    match reason {
        Reason::AgentDisabled => own.profile.state = AgentState::Disabled,
        Reason::NoVoiceTarget => own.profile.voice_target = None,
        _ => {}
    }
    app.add_agent(&own).await;
    match reason {
        Reason::UnknownNumber => {}
        Reason::Unassigned => app.add_number(NUMBER, &main, None).await,
        _ => app.add_number(NUMBER, &main, Some(&own)).await,
    }
    if reason == Reason::ChannelOff {
        let assignment = Assignment { agent: own.id, channels: Channels::parse("sms").unwrap() };
        app.store.numbers().assign(&operator(), sender(NUMBER), Some(assignment)).await.unwrap();
    }
    (app, main)
}

#[tokio::test]
async fn whom_nobody_answers_hears_a_busy_line_or_nothing_and_the_reason_is_recorded() {
    let of_calls = [
        Reason::UnknownNumber,
        Reason::Unassigned,
        Reason::ChannelOff,
        Reason::AgentDisabled,
        Reason::NoVoiceTarget,
    ];
    for reason in of_calls {
        let directions =
            [(call(&account(1), CALLER, NUMBER), BUSY), (outbound(&account(1)), HANG_UP)];
        for (fields, neutral) in directions {
            let (app, main) = unanswered(reason).await;
            let answer = app.voice(&Request::post(VOICE, &fields).signed_by(&main)).await.unwrap();
            assert_eq!((answer.reason, answer.twiml.as_str()), (reason, neutral));
            assert_eq!(answer.agent, None);
            let decision = app.call_of(&main).await.unwrap().decision.unwrap();
            assert_eq!((decision.reason, decision.agent), (reason, None));
            assert_eq!(app.rejections().await, [], "nobody answering is no refusal");
        }
    }
}

#[tokio::test]
async fn a_called_address_that_is_no_number_is_an_unknown_number() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    for to in ["", "sip:desk@example.sip.twilio.com", "client:jenny", "12345"] {
        let request = Request::post(VOICE, &call(&main, CALLER, to)).signed_by(&main);
        let answer = app.voice(&request).await.unwrap();
        assert_eq!((answer.reason, answer.twiml.as_str()), (Reason::UnknownNumber, BUSY), "{to}");
    }
}

#[tokio::test]
async fn a_caller_who_withholds_the_number_is_answered() {
    let (app, main, sales) = TestApp::with_one_number(AppOptions::default()).await;
    for from in ["", "anonymous", "+266696687", "Restricted", "sip:bob@example.com", "4155550199"] {
        let request = Request::post(VOICE, &call(&main, from, NUMBER)).signed_by(&main);
        assert_eq!(app.voice(&request).await.unwrap().agent, Some(sales.id.clone()), "{from}");
    }
}

#[tokio::test]
async fn what_was_decided_is_recorded_with_both_sides_and_the_evidence() {
    let (app, main, sales) = TestApp::with_one_number(AppOptions::default()).await;
    app.voice(&inbound(&main)).await.unwrap();
    let record = app.call_of(&main).await.unwrap();
    assert_eq!(record.from.unwrap().to_text(), CALLER);
    assert_eq!(record.to.unwrap().to_text(), NUMBER);
    let decision = record.decision.unwrap();
    assert_eq!(decision.agent, Some(sales.id));
    assert_eq!(
        (decision.reason, decision.verified_by, decision.at),
        (Reason::Assigned, VerifiedBy::PrimaryToken, NOW)
    );
}

#[tokio::test]
async fn the_same_request_again_has_the_same_answer_but_for_the_token_and_is_one_call() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    let first = app.voice(&inbound(&main)).await.unwrap();
    app.clock.pass_seconds(2);
    let second = app.voice(&inbound(&main)).await.unwrap();
    assert_ne!(first.twiml, second.twiml, "a new token ends later");
    assert_eq!(without_token(first.twiml.as_str()), without_token(second.twiml.as_str()));
    let calls = app.calls().await;
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].decision.as_ref().unwrap().at, NOW, "the first decision stands");
}

#[tokio::test]
async fn a_call_of_a_known_number_asks_no_store_and_writes_nothing_before_the_answer() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    app.voice(&inbound(&main)).await.unwrap();
    let asked = app.faults.requests();
    for _ in 0..100 {
        app.voice(&inbound(&main)).await.unwrap();
    }
    assert_eq!(app.faults.requests(), asked);
    assert_eq!(app.recorder.waiting(), 1, "the same decision again tells nothing new");
}

#[tokio::test]
async fn both_tokens_of_an_account_verify_during_a_rotation_and_the_record_names_which() {
    let app = TestApp::empty().await;
    let (old, new) = (account(1), account(2));
    let rotating = crate::fixture::row(&app.keyring, &old, Some(&new.token));
    app.store.accounts().add(&operator(), &rotating).await.unwrap();
    app.directory.refresh().await.unwrap();
    for (signer, verified_by) in [(&old, VerifiedBy::PrimaryToken), (&new, VerifiedBy::NextToken)] {
        let sid = if signer.token == old.token {
            CALL.to_owned()
        } else {
            CALL.replace("abcdef", "fedcba")
        };
        let fields = with(call(&old, CALLER, NUMBER), "CallSid", &sid);
        app.voice(&Request::post(VOICE, &fields).signed_by(signer)).await.unwrap();
        let recorded =
            app.calls().await.into_iter().find(|record| record.call.as_str() == sid).unwrap();
        assert_eq!(recorded.decision.unwrap().verified_by, verified_by);
    }
}

#[tokio::test]
async fn what_is_only_reported_is_answered_recorded_and_noted() {
    let options = AppOptions { validation: Validation::Report, ..AppOptions::default() };
    let (app, main, sales) = TestApp::with_one_number(options).await;
    let unsigned = inbound(&main).with_signature(None);
    let answer = app.voice(&unsigned).await.unwrap();
    assert_eq!(answer.agent, Some(sales.id));
    let decision = app.call_of(&main).await.unwrap().decision.unwrap();
    assert_eq!(decision.verified_by, VerifiedBy::Reported(Refusal::SignatureMissing));
    let noted = app.rejections().await;
    assert_eq!(noted.len(), 1);
    assert_eq!((noted[0].endpoint, noted[0].refusal), (Endpoint::Voice, Refusal::SignatureMissing));
}

#[tokio::test]
async fn a_number_of_another_account_is_reported_once_where_signatures_are_only_reported() {
    let options = AppOptions { validation: Validation::Report, ..AppOptions::default() };
    let (app, _, sales) = TestApp::with_one_number(options).await;
    let other = account(2);
    app.add_account(&other).await;
    let answer = app.voice(&inbound(&other)).await.unwrap();
    assert_eq!(answer.agent, Some(sales.id));
    let noted = app.rejections().await;
    assert_eq!(noted.len(), 1);
    assert_eq!(
        (noted[0].refusal, noted[0].account, noted[0].count),
        (Refusal::AccountMismatch, Some(other.sid), 1)
    );
}

#[tokio::test]
async fn where_nothing_is_checked_everything_is_answered_and_the_record_says_so() {
    let options = AppOptions { validation: Validation::Disabled, ..AppOptions::default() };
    let (app, main, sales) = TestApp::with_one_number(options).await;
    let answer = app.voice(&inbound(&main).with_signature(Some("nonsense"))).await.unwrap();
    assert_eq!(answer.agent, Some(sales.id));
    assert_eq!(
        app.call_of(&main).await.unwrap().decision.unwrap().verified_by,
        VerifiedBy::Unchecked
    );
    assert_eq!(app.rejections().await, []);
}

#[tokio::test]
async fn a_name_full_of_markup_is_only_a_name() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    let mut hostile = agent(2, "Hostile");
    hostile.profile.name = Label::parse(r#""/><Dial>+1900</Dial>&'<"#).unwrap();
    app.add_agent(&hostile).await;
    app.assign(NUMBER, Some(&hostile)).await;
    let answer = app.voice(&inbound(&main)).await.unwrap();
    let twiml = answer.twiml.as_str();
    assert!(!twiml.contains("<Dial") && twiml.contains("&lt;Dial&gt;"), "{twiml}");
}

#[tokio::test]
async fn a_signed_call_that_lacks_or_garbles_a_field_is_unreadable() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    let whole = call(&main, CALLER, NUMBER);
    let damaged = [
        without(&whole, "CallSid"),
        without(&whole, "From"),
        without(&whole, "To"),
        with(whole.clone(), "CallSid", "CA123"),
        with(whole.clone(), "From", "+1415555From"),
        [whole.clone(), vec![("To".to_owned(), NUMBER.to_owned())]].concat(),
    ];
    for fields in damaged {
        crate::fixture::assert_unreadable(
            app.voice(&Request::post(VOICE, &fields).signed_by(&main)).await,
        );
    }
    assert_eq!(app.calls().await, []);
}
