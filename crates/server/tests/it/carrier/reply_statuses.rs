//! Twilio's status callbacks name the delivery of a message, so that its SID and its state are known, also of a reply that
//! was part of the answer to a webhook.

use switchboard_twilio_simulator::{Dispatcher, MessageRequest};

use crate::fixture::Endpoint;
use crate::prelude::*;

const CALLER: &str = "+14155550177";

#[apply(on_both_stores!)]
async fn the_sid_of_a_reply_in_an_answer_becomes_known(store: Store) {
    let endpoint = Endpoint::replying().await;
    let mut app = TestApp::with_fleet_now(store, three_accounts());
    let public = PublicUrl::new().await;
    app.set("SWITCHBOARD_PUBLIC_URL", &public.url);
    app.run(&format!("agent set Sales --message-webhook {}", endpoint.url)).exits(0);
    let to = number(0).as_str().to_owned();
    app.run(&format!("number assign {to} --agent Sales")).exits(0);
    let server = app.serve().await;
    public.leads_to(server.address);

    let network = phone_network();
    let dispatcher = Dispatcher::new(Arc::clone(&app.twilio().simulator), Arc::new(network));
    let order = MessageRequest {
        from: CALLER.to_owned(),
        to,
        body: "Are you open?".to_owned(),
        ..MessageRequest::default()
    };
    let report = dispatcher.message(order, &|_entry| {}).await.unwrap();
    let [reply] = &report.replies[..] else { panic!("{}", report.transcript) };
    assert_eq!(reply.body, "Re: Are you open?");
    let sent = within(Duration::from_secs(30), "the SID is known", async || {
        let list = app.run("delivery list --json").exits(0);
        let mut lines = list.stdout.lines().map(serde_json::from_str::<Value>);
        lines.find_map(|line| line.ok().filter(|line| line["outgoing"]["sid"].is_string()))
    })
    .await;
    assert_eq!(sent["outgoing"]["sid"], json!(reply.sid));
    assert_eq!((&sent["state"], &sent["outgoing"]["state"]), (&json!("delivered"), &json!("sent")));
}
