//! Messages and their answers.

use switchboard_twilio_simulator::phone::{
    Fault, FaultOrder, InboundMessage, MessageReport, Purpose, Webhook,
};

use crate::customer::{Answer, Customer, FROM, TO, exchange, signer};

fn message(customer: &Customer) -> InboundMessage {
    InboundMessage::new(signer(), FROM, TO, "Grüße 👋", Webhook::post(customer.url("/sms")))
}

async fn deliver(order: InboundMessage) -> MessageReport {
    exchange().message(order, &|_| {}).await
}

fn bodies(report: &MessageReport) -> Vec<&str> {
    report.replies.iter().map(|reply| reply.body.as_str()).collect()
}

#[tokio::test]
async fn a_message_is_delivered_as_twilio_delivers_it() {
    let customer = Customer::answering(|_| Answer::twiml(""));
    let mut order = message(&customer);
    order.media = vec![("https://m.example/1".to_owned(), "image/png".to_owned())];
    let report = deliver(order).await;
    let [asked] = &customer.asked()[..] else { panic!() };
    assert!(asked.is_signed && report.replies.is_empty());
    let field = |name| asked.field(name).unwrap();
    assert_eq!((field("Body"), field("NumMedia")), ("Grüße 👋".to_owned(), "1".to_owned()));
    assert_eq!((field("MessageSid"), field("SmsSid")), (report.sid.clone(), report.sid.clone()));
    assert!(report.sid.starts_with("MM"));
}

#[tokio::test]
async fn every_message_of_an_answer_is_sent_and_its_states_are_told() {
    let customer = Customer::answering(|asked| match asked.path() {
        "/sms" => Answer::twiml(
            "<Message>one</Message><Message to='+14155550111' statusCallback='/own'><Body>two</Body>\
             <Media>https://m</Media></Message><Message/>",
        ),
        _ => Answer::status(204),
    });
    let mut order = message(&customer);
    order.status_callback = Some(Webhook::post(customer.url("/status")));
    let report = deliver(order).await;
    assert_eq!(bodies(&report), ["one", "two"]);
    let sides: Vec<_> = report.replies.iter().map(|reply| (&*reply.from, &*reply.to)).collect();
    assert_eq!(sides, [(TO, FROM), (TO, "+14155550111")]);
    assert_eq!(customer.paths(), ["/sms", "/status", "/status", "/own", "/own"]);
    let asked = customer.asked();
    let states: Vec<_> =
        asked[1..].iter().map(|asked| asked.field("MessageStatus").unwrap()).collect();
    assert_eq!(states, ["sent", "delivered", "sent", "delivered"]);
    assert_eq!(asked[3].field("MessageSid").as_deref(), Some(report.replies[1].sid.as_str()));
    assert!(asked.iter().all(|asked| asked.is_signed));
    assert!(report.transcript.to_string().contains("error 14103"), "{}", report.transcript);
}

#[tokio::test]
async fn plain_text_is_sent_as_it_is_and_a_redirect_is_followed() {
    let customer = Customer::answering(|asked| match asked.path() {
        "/sms" => {
            Answer::twiml("<Message>one</Message><Redirect>next</Redirect><Message>never</Message>")
        }
        _ => Answer::text("text/plain", "OK\n"),
    });
    assert_eq!(bodies(&deliver(message(&customer)).await), ["one", "OK"]);
}

#[tokio::test]
async fn a_message_that_fails_goes_to_the_fallback() {
    let customer = Customer::answering(|asked| match asked.path() {
        "/sms" => Answer::text("application/json", "{}"),
        _ => Answer::twiml("<Message>later</Message>"),
    });
    let mut order = message(&customer);
    order.fallback = Some(Webhook::get(customer.url("/fallback")));
    assert_eq!(bodies(&deliver(order).await), ["later"]);
    let asked = customer.asked();
    assert_eq!(asked[1].field("ErrorCode").as_deref(), Some("12300"));
    assert!(asked[1].is_signed);
}

#[tokio::test]
async fn reordered_states_come_the_other_way_round() {
    let customer = Customer::answering(|asked| match asked.path() {
        "/sms" => Answer::twiml("<Message statusCallback='/s'>one</Message>"),
        _ => Answer::status(200),
    });
    let mut order = message(&customer);
    let purpose = Some(Purpose::Status);
    order.faults = vec![FaultOrder { fault: Fault::Reordered, purpose, times: 1 }];
    deliver(order).await;
    let states: Vec<_> =
        customer.asked()[1..].iter().map(|asked| asked.field("MessageStatus").unwrap()).collect();
    assert_eq!(states, ["delivered", "sent"]);
}
