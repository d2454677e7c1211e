//! Messages and replies.

use switchboard_twilio_simulator::phone::{
    Fault, InboundMessage, InjectedFault, MessageReport, Purpose, Webhook,
};

use crate::webhook_server::{FROM, MockResponse, TO, WebhookServer, network, signer};

fn inbound(server: &WebhookServer) -> InboundMessage {
    InboundMessage::new(signer(), FROM, TO, "Grüße 👋", Webhook::post(server.url("/sms")))
}

async fn deliver(message: InboundMessage) -> MessageReport {
    network().message(message, &|_| {}).await
}

fn bodies(report: &MessageReport) -> Vec<&str> {
    report.replies.iter().map(|reply| reply.body.as_str()).collect()
}

#[tokio::test]
async fn a_message_is_delivered_as_twilio_delivers_it() {
    let server = WebhookServer::responding_with(|_| MockResponse::twiml(""));
    let mut message = inbound(&server);
    message.media = vec![("https://m.example/1".to_owned(), "image/png".to_owned())];
    let report = deliver(message).await;
    let [request] = &server.requests()[..] else { panic!() };
    assert!(request.is_signed && report.replies.is_empty());
    let field = |name| request.field(name).unwrap();
    assert_eq!((field("Body"), field("NumMedia")), ("Grüße 👋".to_owned(), "1".to_owned()));
    assert_eq!((field("MessageSid"), field("SmsSid")), (report.sid.clone(), report.sid.clone()));
    assert!(report.sid.starts_with("MM"));
}

#[tokio::test]
async fn every_message_of_a_response_is_sent_and_its_statuses_are_reported() {
    let server = WebhookServer::responding_with(|request| match request.path() {
        "/sms" => MockResponse::twiml(
            "<Message>one</Message><Message to='+14155550111' statusCallback='/own'><Body>two</Body>\
             <Media>https://m</Media></Message><Message/>",
        ),
        _ => MockResponse::status(204),
    });
    let mut message = inbound(&server);
    message.status_callback = Some(Webhook::post(server.url("/status")));
    let report = deliver(message).await;
    assert_eq!(bodies(&report), ["one", "two"]);
    let sides: Vec<_> = report.replies.iter().map(|reply| (&*reply.from, &*reply.to)).collect();
    assert_eq!(sides, [(TO, FROM), (TO, "+14155550111")]);
    assert_eq!(server.paths(), ["/sms", "/status", "/status", "/own", "/own"]);
    let requests = server.requests();
    let states: Vec<_> =
        requests[1..].iter().map(|request| request.field("MessageStatus").unwrap()).collect();
    assert_eq!(states, ["sent", "delivered", "sent", "delivered"]);
    assert_eq!(requests[3].field("MessageSid").as_deref(), Some(report.replies[1].sid.as_str()));
    assert!(requests.iter().all(|request| request.is_signed));
    assert!(report.transcript.to_string().contains("error 14103"), "{}", report.transcript);
}

#[tokio::test]
async fn plain_text_is_sent_unchanged_and_a_redirect_is_followed() {
    let server = WebhookServer::responding_with(|request| match request.path() {
        "/sms" => MockResponse::twiml(
            "<Message>one</Message><Redirect>next</Redirect><Message>never</Message>",
        ),
        _ => MockResponse::text("text/plain", "OK\n"),
    });
    assert_eq!(bodies(&deliver(inbound(&server)).await), ["one", "OK"]);
}

#[tokio::test]
async fn a_failed_message_goes_to_the_fallback() {
    let server = WebhookServer::responding_with(|request| match request.path() {
        "/sms" => MockResponse::text("application/json", "{}"),
        _ => MockResponse::twiml("<Message>later</Message>"),
    });
    let mut message = inbound(&server);
    message.fallback = Some(Webhook::get(server.url("/fallback")));
    assert_eq!(bodies(&deliver(message).await), ["later"]);
    let requests = server.requests();
    assert_eq!(requests[1].field("ErrorCode").as_deref(), Some("12300"));
    assert!(requests[1].is_signed);
}

#[tokio::test]
async fn reordered_statuses_arrive_in_reverse_order() {
    let server = WebhookServer::responding_with(|request| match request.path() {
        "/sms" => MockResponse::twiml("<Message statusCallback='/s'>one</Message>"),
        _ => MockResponse::status(200),
    });
    let mut message = inbound(&server);
    let purpose = Some(Purpose::Status);
    message.faults = vec![InjectedFault { fault: Fault::Reordered, purpose, times: 1 }];
    deliver(message).await;
    let states: Vec<_> = server.requests()[1..]
        .iter()
        .map(|request| request.field("MessageStatus").unwrap())
        .collect();
    assert_eq!(states, ["delivered", "sent"]);
}
