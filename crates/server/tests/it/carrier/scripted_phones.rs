//! The phones of the simulator: they get messages, answer, opt out, are landlines, and WhatsApp's window closes for them.

use switchboard_twilio_simulator::{Dispatcher, MessageRequest, ScriptedPhone};

use crate::fixture::Endpoint;
use crate::prelude::*;

const CONTACT: &str = "+14155550177";

/// A server behind the simulator, whose phones can reach it.
struct Fixture {
    app: TestApp,
    endpoint: Endpoint,
    dispatcher: Dispatcher,
    /// Our number.
    to: String,
    server: Server,
}

impl Fixture {
    async fn new(store: Store, phones: Vec<ScriptedPhone>) -> Self {
        let endpoint = Endpoint::replying().await;
        let to = number(0).as_str().to_owned();
        let mut seed = three_accounts();
        let sender_id = format!("whatsapp:{to}");
        seed.accounts[0].senders.push(SenderSeed { sender_id, ..SenderSeed::default() });
        seed.phones = phones;
        let mut app = TestApp::with_fleet_now(store, seed);
        let public = PublicUrl::new().await;
        app.set("SWITCHBOARD_PUBLIC_URL", &public.url);
        app.run(&format!("agent set Sales --message-webhook {}", endpoint.url)).exits(0);
        let channels = "--channels sms,whatsapp";
        app.run(&format!("number assign {to} --agent Sales {channels}")).exits(0);
        let server = app.serve().await;
        public.leads_to(server.address);
        let network = phone_network();
        let dispatcher = Dispatcher::new(Arc::clone(&app.twilio().simulator), Arc::new(network));
        Self { app, endpoint, dispatcher, to, server }
    }

    /// `message send` from our number by a channel; the state of the delivery when it is final.
    async fn sends(&self, prefix: &str, contact: &str, body: &str) -> Value {
        let (from, to) = (format!("{prefix}{}", self.to), format!("{prefix}{contact}"));
        let line = ["message", "send", "--from", &from, "--to", &to, "--body", body, "--json"];
        let stored = self.app.run(&line).exits(0).json();
        let id = stored["id"].as_str().unwrap().to_owned();
        within(Duration::from_secs(30), "the message is final", async || {
            let shown = self.app.run(&["delivery", "show", &id, "--json"]).exits(0).json();
            let state = shown["state"].as_str().unwrap().to_owned();
            (!["pending", "delivering"].contains(&&*state)).then_some(shown)
        })
        .await
    }

    /// A message of a phone.
    async fn writes(&self, from: &str, to: &str, body: &str) {
        let request = MessageRequest {
            from: from.to_owned(),
            to: to.to_owned(),
            body: body.to_owned(),
            ..MessageRequest::default()
        };
        self.dispatcher.message(request, &|_entry| {}).await.unwrap();
    }
}

fn phone(address: &str) -> ScriptedPhone {
    ScriptedPhone { address: address.to_owned(), ..ScriptedPhone::default() }
}

#[apply(on_both_stores!)]
async fn a_phone_gets_a_message_and_answers(store: Store) {
    let answers = ["Yes, please.".to_owned()].into();
    let fixture = Fixture::new(store, vec![ScriptedPhone { answers, ..phone(CONTACT) }]).await;
    let sent = fixture.sends("", CONTACT, "Do you want news?").await;
    assert_eq!(sent["state"], "delivered");
    let received = fixture.endpoint.receives(1).await;
    assert_eq!(received[0].body(), "Yes, please.");
    let sid = sent["outgoing"]["sid"].as_str().unwrap().to_owned();
    within(Duration::from_secs(30), "the status is known", async || {
        let shown = fixture.app.run(&["message", "show", &sid, "--json"]).exits(0).json();
        (shown["status"] == "delivered").then_some(())
    })
    .await;
}

#[apply(on_both_stores!)]
async fn a_landline_gets_no_message_and_it_is_explained(store: Store) {
    let fixture =
        Fixture::new(store, vec![ScriptedPhone { landline: true, ..phone(CONTACT) }]).await;
    let refused = fixture.sends("", CONTACT, "hello").await;
    let attempt = &refused["attempts"][0];
    assert_eq!((&refused["state"], &attempt["outcome"]), (&json!("dead"), &json!("refused")));
    assert_eq!(attempt["code"], 21_614);
    let id = refused["id"].as_str().unwrap();
    fixture.app.run(&["delivery", "show", id]).exits(0).shows(&["landline"]);
}

#[apply(on_both_stores!)]
async fn an_opt_out_that_only_twilio_knows_is_learned(store: Store) {
    let opted_out_of = [number(0).as_str().to_owned()].into();
    let fixture = Fixture::new(store, vec![ScriptedPhone { opted_out_of, ..phone(CONTACT) }]).await;
    let refused = fixture.sends("", CONTACT, "hello").await;
    assert_eq!(refused["attempts"][0]["code"], 21_610);
    let consents = fixture.app.run(&format!("consent list --contact {CONTACT} --json")).exits(0);
    assert!(consents.stdout.contains("opted_out"), "{consents:?}");
    // START opens the way again, at Twilio and here.
    fixture.writes(CONTACT, &fixture.to, "START").await;
    assert_eq!(fixture.sends("", CONTACT, "welcome").await["state"], "delivered");
}

#[apply(on_both_stores!)]
async fn outside_of_the_window_nothing_is_sent_by_whatsapp_without_a_template(store: Store) {
    let contact = format!("whatsapp:{CONTACT}");
    let fixture = Fixture::new(store, vec![phone(&contact)]).await;
    let closed = fixture.sends("whatsapp:", CONTACT, "hello").await;
    let attempt = &closed["attempts"][0];
    assert_eq!((&closed["state"], &attempt["outcome"]), (&json!("dead"), &json!("window_closed")));
    assert_eq!(fixture.app.twilio().simulator.messages(account_sid(MAIN_SID)), []);
    let id = closed["id"].as_str().unwrap();
    fixture.app.run(&["delivery", "show", id]).exits(0).shows(&["24 hours", "--whatsapp-template"]);
    // The contact writes, which opens the window.
    fixture.writes(&contact, &format!("whatsapp:{}", fixture.to), "hi").await;
    assert_eq!(fixture.sends("whatsapp:", CONTACT, "hello again").await["state"], "delivered");
}

#[apply(on_both_stores!)]
async fn a_template_is_sent_outside_of_the_window(store: Store) {
    const TEMPLATE: &str = "HX0123456789abcdef0123456789abcdef";
    let contact = format!("whatsapp:{CONTACT}");
    let fixture = Fixture::new(store, vec![phone(&contact)]).await;
    let from = format!("whatsapp:{}", fixture.to);
    let sending = |more: &[&str]| {
        let line = ["message", "send", "--from", &from, "--to", &contact];
        fixture.app.run(&[&line[..], more].concat())
    };
    let variables = r#"{"1":"Jo","time":"12:30"}"#;
    let of_template = ["--template", TEMPLATE, "--variables", variables];
    let sent = sending(&[&of_template[..], &["--wait", "30", "--json"]].concat()).exits(0).json();
    assert_eq!((&sent["state"], &sent["template"]), (&json!("delivered"), &json!(TEMPLATE)));
    assert_eq!(sent["characters"], json!(null));
    assert_eq!(fixture.app.twilio().simulator.messages(account_sid(MAIN_SID)).len(), 1);
    let said = sending(&["--template", TEMPLATE, "--wait", "30"]).exits(0);
    said.shows(&["sent as", &format!("the template {TEMPLATE}")]);
    for wrong in ["[]", "1", r#"{"1":2}"#, r#"{"1":null}"#, "{", r#"{"1":{"a":"secret"}}"#] {
        let refused = sending(&["--template", TEMPLATE, "--variables", wrong]).exits(2);
        assert!(!refused.stderr.contains("secret"), "{refused:?}");
        refused.shows(&["--variables: give a JSON object of texts"]);
    }
    sending(&["--template", TEMPLATE, "--variables", r#"{"1":""}"#]).exits(2).shows(&["empty"]);
    sending(&["--template", "HX12"]).exits(2).shows(&["--template"]);
    sending(&["--variables", variables]).exits(2).shows(&["--template"]);
    sending(&["--variables", variables, "--body", "hi"]).exits(2).shows(&["cannot be used with"]);
    let media = ["--media", "https://example.com/a.png"];
    for both in [&["--body", "hi"], &["--body-file", "-"], &media] {
        let both = [&of_template[..], both].concat();
        sending(&both).exits(2).shows(&["cannot be used with"]);
    }
    sending(&[]).exits(2).shows(&["a text"]);
}

/// Twilio can close the window earlier than we know, and reports it only by a status callback with an empty text.
#[apply(on_both_stores!)]
async fn a_closed_window_that_twilio_reports_later_is_explained(store: Store) {
    let contact = format!("whatsapp:{CONTACT}");
    let fixture = Fixture::new(store, vec![phone(&contact)]).await;
    // The simulator does not know this message.
    let to = format!("whatsapp:{}", fixture.to);
    let unknown = Webhook::message(MAIN, &to, &sid("SM", 1), "hi").with("From", &contact);
    let public = fixture.app.twilio().simulator.sender(account_sid(MAIN_SID), &to).unwrap();
    let url = public.webhook.callback_url.unwrap();
    let base = url.strip_suffix("/api/twilio/webhook").unwrap();
    assert_eq!(fixture.server.send(&unknown.signed_for(base)).await.status, 200);
    let sent = fixture.sends("whatsapp:", CONTACT, "hello").await;
    assert_eq!(sent["state"], "delivered");
    let sid = sent["outgoing"]["sid"].as_str().unwrap().to_owned();
    within(Duration::from_secs(30), "Twilio reports the error", async || {
        let shown = fixture.app.run(&["message", "show", &sid, "--json"]).exits(0).json();
        (shown["status"] == "undelivered").then_some(())
    })
    .await;
    fixture.app.run(&["message", "show", &sid]).exits(0).shows(&["63016", "24 hours"]);
}
