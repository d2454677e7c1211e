//! A message is stored before it is answered, and only once, whatever is repeated.

use crate::prelude::*;

const SILENCE: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response></Response>"#;

fn text(account: &TestAccount, body: &str) -> Request {
    Request::post(MESSAGE, &message(account, CALLER, NUMBER, body)).signed_by(account)
}

fn replied(content: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><Response><Message>{content}</Message></Response>"#
    )
}

#[tokio::test]
async fn a_message_is_kept_and_answered_by_the_agents_reply() {
    let (app, main, sales) = TestApp::with_one_number(AppOptions::default()).await;
    let answer = app.message(&text(&main, "hello")).await.unwrap();
    assert_eq!(answer.twiml.as_str(), replied("Thanks &amp; see you"));
    assert_eq!((answer.reason, answer.insertion), (Reason::Assigned, Insertion::Inserted));
    let kept = app.message_of(&main).await.unwrap();
    assert_eq!(
        (kept.direction, kept.status, kept.reason),
        (Direction::Inbound, MessageStatus::Received, Some(Reason::Assigned))
    );
    assert_eq!((kept.agent, answer.agent), (Some(sales.id.clone()), Some(sales.id)));
    assert_eq!(kept.from.unwrap().to_text(), CALLER);
    assert_eq!(kept.to.unwrap().to_text(), NUMBER);
    assert_eq!(kept.body.unwrap().as_str(), "hello");
}

#[tokio::test]
async fn nothing_is_answered_that_could_not_be_kept() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    app.message(&text(&main, "the number is known from here on")).await.unwrap();
    let fields = with(
        message(&main, CALLER, NUMBER, "hello"),
        "MessageSid",
        &TEXT.replace("abcdef", "fedcba"),
    );
    let request = Request::post(MESSAGE, &fields).signed_by(&main);
    app.faults.fail_every(Fault::Unavailable);
    assert_unavailable(app.message(&request).await);
    app.faults.fail_every(Fault::Failed);
    assert!(matches!(app.message(&request).await, Err(WebhookError::Failed(_))));
    assert_eq!(app.messages().await.len(), 1);
    app.faults.recover();
    assert_eq!(app.message(&request).await.unwrap().insertion, Insertion::Inserted);
}

#[tokio::test]
async fn a_retried_message_is_stored_once_and_answered_the_same() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    let request = text(&main, "hello");
    let first = app.message(&request).await.unwrap();
    for _ in 0..4 {
        let again = app.message(&request).await.unwrap();
        assert_eq!((&again.twiml, again.insertion), (&first.twiml, Insertion::Duplicate));
    }
    assert_eq!(app.messages().await.len(), 1);
}

#[tokio::test]
async fn five_concurrent_deliveries_are_deduplicated_to_one_message() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    let request = text(&main, "hello");
    let (one, two, three, four, five) = tokio::join!(
        app.message(&request),
        app.message(&request),
        app.message(&request),
        app.message(&request),
        app.message(&request),
    );
    let answers = [one, two, three, four, five].map(Result::unwrap);
    assert_eq!(answers.iter().filter(|answer| answer.insertion == Insertion::Inserted).count(), 1);
    assert!(answers.iter().all(|answer| answer.twiml == answers[0].twiml));
    assert_eq!(app.messages().await.len(), 1);
}

#[tokio::test]
async fn one_sid_of_two_accounts_is_two_messages() {
    let (app, main, sales) = TestApp::with_one_number(AppOptions::default()).await;
    let other = account(2);
    app.add_account(&other).await;
    app.add_number("+14155550102", &other, Some(&sales)).await;
    app.message(&text(&main, "one")).await.unwrap();
    let request =
        Request::post(MESSAGE, &message(&other, CALLER, "+14155550102", "two")).signed_by(&other);
    assert_eq!(app.message(&request).await.unwrap().insertion, Insertion::Inserted);
    assert_eq!(app.messages().await.len(), 2);
}

#[tokio::test]
async fn every_channel_is_answered_where_the_agent_answers_it_and_kept_in_any_case() {
    let main = account(1);
    let channels = [
        ("sms", CALLER, NUMBER),
        ("whatsapp", "whatsapp:+14155550199", "whatsapp:+14155550100"),
        ("whatsapp", "whatsapp:US.1234567", "whatsapp:+14155550100"),
        ("rcs", "rcs:+14155550199", "rcs:+14155550100"),
    ];
    for (word, from, to) in channels {
        for on in ["voice,sms", "whatsapp", "rcs"] {
            let app = TestApp::empty().await;
            app.add_account(&main).await;
            let own = agent(1, "Own");
            app.add_agent(&own).await;
            app.add_number(NUMBER, &main, None).await;
            let assignment =
                Assignment { agent: own.id.clone(), channels: Channels::parse(on).unwrap() };
            app.store
                .numbers()
                .assign(&operator(), sender(NUMBER), Some(assignment))
                .await
                .unwrap();
            let request =
                Request::post(MESSAGE, &message(&main, from, to, "hello")).signed_by(&main);
            let answer = app.message(&request).await.unwrap();
            let expected = if on.contains(word) { Reason::Assigned } else { Reason::ChannelOff };
            assert_eq!(answer.reason, expected, "{word} where {on} is answered");
            assert_eq!(answer.twiml.as_str() == SILENCE, expected == Reason::ChannelOff);
            assert_eq!(app.message_of(&main).await.unwrap().reason, Some(expected));
        }
    }
}

#[tokio::test]
async fn a_message_to_an_address_that_is_no_number_is_kept_and_not_answered() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    let addresses = [
        ("messenger:1234567890", "messenger:9876543210"),
        (CALLER, "12345"),
        ("rcs:+14155550199", "rcs:acme_agent"),
        (CALLER, "+14155550177"),
    ];
    for (index, (from, to)) in addresses.into_iter().enumerate() {
        let sid = format!("SM{index:032x}");
        let fields = with(message(&main, from, to, "hello"), "MessageSid", &sid);
        let answer = app.message(&Request::post(MESSAGE, &fields).signed_by(&main)).await.unwrap();
        assert_eq!(
            (answer.reason, answer.twiml.as_str()),
            (Reason::UnknownNumber, SILENCE),
            "{to}"
        );
    }
    let kept = app.messages().await;
    assert_eq!(kept.len(), addresses.len());
    assert!(kept.iter().all(|record| record.reason == Some(Reason::UnknownNumber)));
}

#[tokio::test]
async fn an_unassigned_message_is_stored_with_the_reason_and_answered_with_empty_twiml() {
    let main = account(1);
    for reason in [Reason::Unassigned, Reason::AgentDisabled, Reason::NoMessageTarget] {
        let app = TestApp::empty().await;
        app.add_account(&main).await;
        let mut own = agent(1, "Own");
        match reason {
            Reason::AgentDisabled => own.profile.state = AgentState::Disabled,
            Reason::NoMessageTarget => own.profile.message_target = None,
            _ => {}
        }
        app.add_agent(&own).await;
        app.add_number(NUMBER, &main, Some(&own).filter(|_| reason != Reason::Unassigned)).await;
        let answer = app.message(&text(&main, "hello")).await.unwrap();
        assert_eq!((answer.reason, answer.twiml.as_str()), (reason, SILENCE));
        assert_eq!(app.message_of(&main).await.unwrap().reason, Some(reason));
    }
}

#[tokio::test]
async fn a_redirect_is_answered_by_its_url() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    let mut other = agent(2, "Other");
    other.profile.message_target =
        Some(MessageTarget::Redirect(WebUrl::parse("https://f.example.net/?a=1&b=2").unwrap()));
    app.add_agent(&other).await;
    app.assign(NUMBER, Some(&other)).await;
    let answer = app.message(&text(&main, "hello")).await.unwrap();
    assert!(
        answer
            .twiml
            .as_str()
            .contains(r#"<Redirect method="POST">https://f.example.net/?a=1&amp;b=2</Redirect>"#)
    );
}

#[tokio::test]
async fn whatever_is_written_is_kept_as_it_was_written() {
    let long = "x".repeat(1_601);
    let bodies = [
        "",
        "👩‍👩‍👧‍👦 ¡Hola! 你好 \u{202e}",
        &long,
        "<Message>&\"'",
        " two  spaces ",
        "a=b&c=d+e%20",
        "line\r\nline",
    ];
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    for (index, body) in bodies.into_iter().enumerate() {
        let fields =
            with(message(&main, CALLER, NUMBER, body), "MessageSid", &format!("MM{index:032x}"));
        assert_eq!(
            app.message(&Request::post(MESSAGE, &fields).signed_by(&main)).await.unwrap().insertion,
            Insertion::Inserted
        );
    }
    let mut kept: Vec<_> = app
        .messages()
        .await
        .into_iter()
        .map(|record| (record.message, record.body.unwrap().as_str().to_owned()))
        .collect();
    kept.sort();
    assert_eq!(kept.into_iter().map(|(_, body)| body).collect::<Vec<_>>(), bodies);
}

#[tokio::test]
async fn a_nul_is_kept_as_a_replacement_character() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    app.message(&text(&main, "a\0b")).await.unwrap();
    assert_eq!(app.message_of(&main).await.unwrap().body.unwrap().as_str(), "a\u{fffd}b");
}

#[tokio::test]
async fn a_long_reply_is_several_messages_of_at_most_1600_characters() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    let mut talker = agent(2, "Talker");
    talker.profile.message_target = Some(reply(&"word ".repeat(1_000)));
    app.add_agent(&talker).await;
    app.assign(NUMBER, Some(&talker)).await;
    let answer = app.message(&text(&main, "hello")).await.unwrap();
    let sent: Vec<&str> = answer.twiml.as_str().split("<Message>").skip(1).collect();
    assert_eq!(sent.len(), 4);
    assert!(
        sent.iter()
            .all(|message| message.split_once("</Message>").unwrap().0.chars().count() <= 1_600)
    );
}

/// A program that repeats itself gets no more responses for an hour; others do.
#[tokio::test]
async fn a_loop_of_static_replies_is_stopped() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    let mut talker = agent(2, "Talker");
    talker.profile.message_target = Some(reply("Thanks!"));
    app.add_agent(&talker).await;
    app.assign(NUMBER, Some(&talker)).await;
    let send = async |n: u32, from: &str| {
        let fields = message(&main, from, NUMBER, "I am away.");
        let fields = with(fields, "MessageSid", &format!("SM{n:032x}"));
        app.message(&Request::post(MESSAGE, &fields).signed_by(&main)).await.unwrap()
    };
    for n in 1..=4 {
        let answer = send(n, CALLER).await;
        assert_eq!(answer.reason, Reason::Assigned);
        assert!(answer.twiml.as_str().contains("Thanks!"));
    }
    for n in 5..=7 {
        let answer = send(n, CALLER).await;
        assert_eq!(answer.reason, Reason::LoopStopped);
        assert!(!answer.twiml.as_str().contains("Message"));
    }
    assert_eq!(send(8, "+14155550198").await.reason, Reason::Assigned);
}

#[tokio::test]
async fn a_messaging_service_media_and_unknown_fields_change_nothing() {
    let (app, main, sales) = TestApp::with_one_number(AppOptions::default()).await;
    let mut fields = message(&main, CALLER, NUMBER, "");
    fields = with(fields, "MessagingServiceSid", "MG0123456789abcdef0123456789abcdef");
    fields = with(fields, "NumMedia", "10");
    for index in 0..10 {
        fields = with(
            fields,
            &format!("MediaUrl{index}"),
            "https://api.twilio.com/2010-04-01/Media/ME1",
        );
        fields = with(fields, &format!("MediaContentType{index}"), "image/jpeg");
    }
    fields.push(("MessagingBinding.Address".to_owned(), CALLER.to_owned()));
    fields.push(("MessagingBinding.Address".to_owned(), "+14155550198".to_owned()));
    fields.push(("SomethingNew".to_owned(), "ünïcödé".to_owned()));
    let answer = app.message(&Request::post(MESSAGE, &fields).signed_by(&main)).await.unwrap();
    assert_eq!((answer.agent, answer.insertion), (Some(sales.id), Insertion::Inserted));
}

#[tokio::test]
async fn a_message_by_get_and_one_with_another_body_are_received_like_a_form() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    let get = Request::get(MESSAGE, &message(&main, CALLER, NUMBER, "by get")).signed_by(&main);
    assert_eq!(app.message(&get).await.unwrap().insertion, Insertion::Inserted);
    let body =
        Request::body(MESSAGE, &message(&main, CALLER, NUMBER, "by get"), b"{}").signed_by(&main);
    assert_eq!(app.message(&body).await.unwrap().insertion, Insertion::Duplicate);
    assert_eq!(app.message_of(&main).await.unwrap().body.unwrap().as_str(), "by get");
}

#[tokio::test]
async fn a_signed_message_that_lacks_or_garbles_a_field_is_unreadable_and_not_kept() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    let whole = message(&main, CALLER, NUMBER, "hello");
    let damaged = [
        without(&whole, "MessageSid"),
        without(&whole, "From"),
        without(&whole, "To"),
        without(&whole, "Body"),
        with(whole.clone(), "MessageSid", "SM123"),
        with(whole.clone(), "NumMedia", "many"),
        [whole.clone(), vec![("Body".to_owned(), "hello".to_owned())]].concat(),
    ];
    for fields in damaged {
        assert_unreadable(app.message(&Request::post(MESSAGE, &fields).signed_by(&main)).await);
    }
    assert_eq!(app.messages().await, []);
}

#[tokio::test]
async fn what_is_only_reported_is_kept_and_answered() {
    let options = AppOptions { validation: Validation::Report, ..AppOptions::default() };
    let (app, main, _) = TestApp::with_one_number(options).await;
    let stranger = account(9);
    let answer = app.message(&text(&stranger, "hello")).await.unwrap();
    assert_eq!((answer.reason, answer.insertion), (Reason::Assigned, Insertion::Inserted));
    let noted = app.rejections().await;
    assert_eq!(
        noted.iter().map(|rejection| rejection.refusal).collect::<Vec<_>>(),
        [Refusal::AccountUnknown]
    );
    assert_eq!(VerifiedBy::Reported(Refusal::AccountUnknown).as_str(), "account_unknown");
    assert!(app.message_of(&main).await.is_none());
}
