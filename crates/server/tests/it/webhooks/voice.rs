//! Calls: which agent answers, and the TwiML of unassigned numbers.

use crate::prelude::*;
use insta::allow_duplicates;

const NEUTRAL: &str =
    r#"<?xml version="1.0" encoding="UTF-8"?><Response><Reject reason="busy"/></Response>"#;

#[apply(on_both_stores!)]
async fn a_call_is_connected_to_the_agent_of_its_number(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let call = sid("CA", 1);
    let answer = server.send(&Webhook::call(MAIN, SALES, &call)).await;
    assert_connected_to_sales(&answer, &call);
    let answer = server.send(&Webhook::call(SUB, SUBS, &sid("CA", 2))).await;
    assert_connected_to_sales(&answer, &sid("CA", 2));

    app.store.holds(2, "calls").await;
    let recorded = app
        .store
        .text(&format!(
            "SELECT from_address || ' ' || to_address || ' ' || agents.external_id || ' ' || reason || ' ' || verified_by \
            AS value FROM calls JOIN agents ON agents.id = calls.agent_id WHERE sid = '{call}'"
        ))
        .await;
    assert_eq!(recorded, "+14155550177 +14155550100 sales assigned primary_token");
}

#[apply(on_both_stores!)]
async fn a_call_asked_for_by_get_is_connected_too(store: Store) {
    let (_app, server) = TestApp::served(store).await;
    let call = sid("CA", 3);
    let answer = server.send(&Webhook::call(MAIN, SALES, &call).by_get()).await;
    assert_connected_to_sales(&answer, &call);
}

#[apply(on_both_stores!)]
async fn an_old_url_with_an_agent_id_answers_by_the_number(store: Store) {
    let (_app, server) = TestApp::served(store).await;
    for (number, target) in
        ["/api/twilio/voice?agentId=support", "/api/twilio/voice?agentId=clx0&To=%2B1"]
            .iter()
            .enumerate()
    {
        let call = sid("CA", number as u128);
        let webhook = Webhook::call(MAIN, SALES, &call).at(target);
        assert_connected_to_sales(&server.send(&webhook).await, &call);
    }
    let call = sid("CA", 9);
    let webhook =
        Webhook::call(MAIN, SALES, &call).at("/api/twilio/voice?agentId=support").by_get();
    assert_connected_to_sales(&server.send(&webhook).await, &call);
}

#[apply(on_both_stores!)]
async fn a_retried_call_gets_the_same_answer_and_stays_one_call(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let (call, next) = (sid("CA", 4), sid("CA", 5));
    for _ in 0..5 {
        assert_connected_to_sales(&server.send(&Webhook::call(MAIN, SALES, &call)).await, &call);
    }
    assert_connected_to_sales(&server.send(&Webhook::call(MAIN, SALES, &next)).await, &next);
    app.store.holds(1, &format!("calls WHERE sid = '{next}'")).await;
    assert_eq!(app.store.count("calls").await, 2);
}

#[apply(on_both_stores!)]
async fn an_unassigned_call_is_rejected_as_busy_without_a_reason(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let callers = [
        (UNKNOWN, "unknown_number"),
        (UNASSIGNED, "unassigned"),
        (DISABLED, "agent_disabled"),
        (SILENT, "no_voice_target"),
    ];
    app.run(&format!("number assign {SALES} --agent sales --channels sms")).exits(0);
    let callers = callers.into_iter().chain([(SALES, "channel_off")]);
    for (number, (to, reason)) in callers.enumerate() {
        let call = sid("CA", 100 + number as u128);
        let answer = server.send(&Webhook::call(MAIN, to, &call)).await;
        answer.twiml();
        assert_eq!(answer.text(), NEUTRAL, "{reason}");
        let query =
            format!("SELECT reason AS value FROM calls WHERE sid = '{call}' AND agent_id IS NULL");
        let reported = within(BEHIND, reason, async || app.store.texts(&query).await.pop()).await;
        assert_eq!(reported, reason);
    }
    assert_eq!(server.counted("switchboard_webhooks_total", &[r#"outcome="unassigned""#]).await, 1);
}

#[apply(on_both_stores!)]
async fn an_agent_without_a_voice_server_gets_that_of_the_installation(store: Store) {
    let mut app = TestApp::seeded(store);
    app.set("VOICE_SERVER_URL", "wss://media.example.com/all?not=this");
    let ran = app.run("serve");
    assert_eq!(ran.code, Some(2), "Twilio drops the query of a stream's URL: {}", ran.stderr);
    assert!(ran.stderr.contains("VOICE_SERVER_URL"), "{}", ran.stderr);

    app.set("VOICE_SERVER_URL", "wss://media.example.com/all");
    let server = app.serve().await;
    let answer = server.send(&Webhook::call(MAIN, SILENT, &sid("CA", 6))).await;
    assert_snapshot!(answer.twiml_snapshot(), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <Response>
    <Connect action="https://calls.example.com/api/twilio/voice/connected" method="POST">
    <Stream url="wss://media.example.com/all" statusCallback="https://calls.example.com/api/twilio/status" statusCallbackMethod="POST">
    <Parameter name="agentId" value="…"/>
    <Parameter name="externalId" value="hours"/>
    <Parameter name="agentName" value="Hours"/>
    <Parameter name="callSid" value="CA00000000000000000000000000000006"/>
    <Parameter name="from" value="+14155550177"/>
    <Parameter name="to" value="+14155550101"/>
    <Parameter name="direction" value="inbound"/>
    <Parameter name="traceparent" value="00-00000000000000000000000000000006-000000000000000c-01"/>
    <Parameter name="sessionUrl" value="https://calls.example.com/api/voice/sessions/CA00000000000000000000000000000006"/>
    <Parameter name="sessionToken" value="…"/>
    </Stream>
    </Connect>
    </Response>
    "#);
    assert_connected_to_sales(
        &server.send(&Webhook::call(MAIN, SALES, &sid("CA", 7))).await,
        &sid("CA", 7),
    );
}

#[apply(on_both_stores!)]
async fn a_call_that_we_began_belongs_to_the_agent_of_the_number_that_calls(store: Store) {
    let (_app, server) = TestApp::served(store).await;
    let call = sid("CA", 8);
    let outbound = |from| {
        Webhook::call(MAIN, "+4915112345678", &call)
            .with("Direction", "outbound-api")
            .with("From", from)
    };
    assert_connected_to_sales(&server.send(&outbound(SALES)).await, &call);
    // The callee has answered an outbound call, so it cannot be rejected.
    let twiml = server.send(&outbound(UNASSIGNED)).await.twiml();
    twiml.only("Hangup");
}

#[apply(on_both_stores!)]
async fn callers_of_every_kind_are_connected(store: Store) {
    let (_app, server) = TestApp::served(store).await;
    let callers = [
        "",
        "anonymous",
        "Restricted",
        "+266696687",
        "client:alice",
        "sip:bob@example.com;tag=1",
        "86753",
        "+1",
        "Müller",
    ];
    for (number, caller) in callers.into_iter().enumerate() {
        let call = sid("CA", 200 + number as u128);
        let webhook = Webhook::call(MAIN, SALES, &call).with("From", caller).with("Caller", caller);
        assert_connected_to_sales(&server.send(&webhook).await, &call);
    }
}

#[apply(on_both_stores!)]
async fn a_call_of_a_voice_sdk_client_is_connected_whatever_its_parameters_are(store: Store) {
    let (_app, server) = TestApp::served(store).await;
    let from = |identity: &str, number: u128| {
        let call = sid("CA", 300 + number);
        let webhook = Webhook::call(MAIN, SALES, &call)
            .with("From", identity)
            .with("Caller", identity)
            .with("Called", "");
        (webhook, call)
    };
    for (number, identity) in
        ["client:jo", "client:FromTheWebsite", "client:ToSupport"].into_iter().enumerate()
    {
        let (webhook, call) = from(identity, number as u128);
        assert_connected_to_sales(&server.send(&webhook).await, &call);
    }
    for (number, name) in
        ["_x", "0abc", "é", "Token", "CallerId", "ForwardTo"].into_iter().enumerate()
    {
        let (webhook, call) = from("client:jo", 10 + number as u128);
        assert_connected_to_sales(&server.send(&webhook.and(name, "+14155550177")).await, &call);
    }
    let call = sid("CA", 330);
    let withheld = Webhook::call(MAIN, SALES, &call).with("From", "anonymous").with("Caller", "");
    assert_connected_to_sales(&server.send(&withheld).await, &call);
}

#[apply(on_both_stores!)]
async fn a_target_that_is_not_a_stream_gets_its_own_twiml(store: Store) {
    let app = TestApp::seeded(store);
    let change = |arguments: &[&str]| {
        let mut all = vec!["agent", "set", "hours"];
        all.extend_from_slice(arguments);
        app.run(&all).exits(0);
    };
    change(&[
        "--relay-url",
        "wss://relay.example.com/r",
        "--language",
        "fr-FR",
        "--relay-attribute",
        "welcomeGreeting=Bonjour & bienvenue",
        "--relay-attribute",
        "interruptible=speech",
    ]);
    let server = app.serve().await;
    let answer = server.send(&Webhook::call(MAIN, SILENT, &sid("CA", 20))).await;
    assert_snapshot!(answer.twiml_snapshot(), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <Response>
    <Connect action="https://calls.example.com/api/twilio/voice/connected" method="POST">
    <ConversationRelay url="wss://relay.example.com/r" language="fr-FR" interruptible="speech" welcomeGreeting="Bonjour &amp; bienvenue">
    <Parameter name="agentId" value="…"/>
    <Parameter name="externalId" value="hours"/>
    <Parameter name="agentName" value="Hours"/>
    <Parameter name="language" value="fr-FR"/>
    <Parameter name="callSid" value="CA00000000000000000000000000000014"/>
    <Parameter name="from" value="+14155550177"/>
    <Parameter name="to" value="+14155550101"/>
    <Parameter name="direction" value="inbound"/>
    <Parameter name="traceparent" value="00-00000000000000000000000000000014-0000000000000028-01"/>
    <Parameter name="sessionUrl" value="https://calls.example.com/api/voice/sessions/CA00000000000000000000000000000014"/>
    <Parameter name="sessionToken" value="…"/>
    </ConversationRelay>
    </Connect>
    </Response>
    "#);
    drop(server);

    change(&["--dial", "+14155550123"]);
    let server = app.serve().await;
    let twiml = server.send(&Webhook::call(MAIN, SILENT, &sid("CA", 21))).await.twiml();
    assert_eq!(twiml.only("Dial").only("Number").text, "+14155550123");
    drop(server);

    change(&["--voice-redirect-url", "https://twiml.example.com/v?a=1&b=2"]);
    let server = app.serve().await;
    let twiml = server.send(&Webhook::call(MAIN, SILENT, &sid("CA", 22))).await.twiml();
    assert_eq!(twiml.only("Redirect").text, "https://twiml.example.com/v?a=1&b=2");
}

#[apply(on_both_stores!)]
async fn a_call_whose_stream_has_ended_is_hung_up_and_recorded(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let (well, badly) = (sid("CA", 30), sid("CA", 31));
    server.send(&Webhook::call(MAIN, SALES, &well)).await.twiml();
    server.send(&Webhook::connected(MAIN, SALES, &well)).await.twiml().only("Hangup");
    // The end of a call is recorded even if its beginning never arrived.
    let failed = Webhook::connected(MAIN, SALES, &badly).with("ErrorCode", "31921");
    let answer = server.send(&failed).await;
    assert!(answer.text().contains("We are sorry."), "{}", answer.text());
    let query = "SELECT sid || ' ' || coalesce(reason, 'none') || ' ' || coalesce(CAST(connection_error AS text), 'well') \
        AS value FROM calls WHERE connection_ended_at IS NOT NULL ORDER BY 1";
    let ends = within(BEHIND, "both ends are noted", async || {
        let ends = app.store.texts(query).await;
        (ends.len() == 2).then_some(ends)
    })
    .await;
    assert_eq!(ends, [format!("{well} assigned well"), format!("{badly} none 31921")]);
}

#[apply(on_both_stores!)]
async fn a_voice_server_receives_the_caller_and_the_agents_own_parameters(store: Store) {
    let app = TestApp::seeded(store);
    let long = "n".repeat(600);
    app.run(&[
        "agent",
        "set",
        "sales",
        "--parameter",
        "tier=gold & \"more\"",
        "--parameter",
        &format!("notes={long}"),
    ])
    .exits(0);
    let server = app.serve().await;
    let reported = async |webhook: Webhook, names: &[&str]| {
        let twiml = server.send(&webhook).await.twiml();
        names
            .iter()
            .map(|name| twiml.stream().parameter(name).map(str::to_owned))
            .collect::<Vec<_>>()
    };
    let some = |text: &str| Some(text.to_owned());
    let call = sid("CA", 50);
    let names = ["callSid", "from", "to", "direction", "tier", "notes"];
    let webhook = Webhook::call(MAIN, SALES, &call)
        .with("From", "+14155550177")
        .with("Caller", "+14155550177");
    let expected = [
        some(&call),
        some("+14155550177"),
        some(SALES),
        some("inbound"),
        some("tier=gold & \"more\"".trim_start_matches("tier=")),
        None,
    ];
    assert_eq!(reported(webhook, &names).await, expected);
    let withheld = Webhook::call(MAIN, SALES, &sid("CA", 51))
        .with("From", "anonymous")
        .with("Caller", "anonymous");
    assert_eq!(reported(withheld, &["from", "to"]).await, [None, some(SALES)]);

    app.run("agent set sales --parameter tier=silver --no-parameter notes").exits(0);
    within(CHANGED, "the parameter has changed", async || {
        let reported = reported(Webhook::call(MAIN, SALES, &sid("CA", 52)), &["tier"]).await;
        (reported == [some("silver")]).then_some(())
    })
    .await;
}

fn assert_connected_to_sales(answer: &Answer, call: &str) {
    let twiml = answer.twiml();
    let stream = twiml.stream();
    assert!(stream.parameter("agentId").unwrap().starts_with("agt_"));
    assert_eq!(stream.parameter("agentName"), Some(r#"Sales & "Co" <1>"#));
    assert_eq!(stream.parameter("sessionToken").unwrap().split('.').count(), 3);
    // Who calls whom differs between the callers of this function.
    let differs = |line: &&str| {
        ["from", "to", "direction", "traceparent"]
            .iter()
            .all(|name| !line.starts_with(&format!("<Parameter name=\"{name}\"")))
    };
    let text = answer.twiml_snapshot().replace(call, "CA…");
    let text = text.lines().filter(differs).collect::<Vec<_>>().join("\n");
    allow_duplicates!(assert_snapshot!(text, @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <Response>
    <Connect action="https://calls.example.com/api/twilio/voice/connected" method="POST">
    <Stream url="wss://voice.example.com/sales" statusCallback="https://calls.example.com/api/twilio/status" statusCallbackMethod="POST">
    <Parameter name="agentId" value="…"/>
    <Parameter name="externalId" value="sales"/>
    <Parameter name="agentName" value="Sales &amp; &quot;Co&quot; &lt;1&gt;"/>
    <Parameter name="voice" value="alloy"/>
    <Parameter name="model" value="gpt-4o"/>
    <Parameter name="language" value="en-US"/>
    <Parameter name="callSid" value="CA…"/>
    <Parameter name="sessionUrl" value="https://calls.example.com/api/voice/sessions/CA…"/>
    <Parameter name="sessionToken" value="…"/>
    </Stream>
    </Connect>
    </Response>
    "#));
}
