//! The control interface.
#![expect(clippy::expect_used, reason = "a fixture fails by panicking")]

use std::net::TcpListener;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use serde_json::{Value, json};
use switchboard_twilio_simulator::{CallStatus, Direction, MessageStatus};

use crate::fixture::{Fixture, MAIN, NUMBER, SERVICE, account, main_path, phone_number};

/// A webhook server that answers every call and message. Returns its base URL.
fn server() -> String {
    async fn answer(request: HttpRequest, body: web::Bytes) -> HttpResponse {
        let form: Vec<(String, String)> = url::form_urlencoded::parse(&body).into_owned().collect();
        let signed = request.headers().contains_key("X-Twilio-Signature");
        let says =
            |name: &str| form.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone());
        let document = match (request.path(), signed) {
            ("/voice", true) => "<Response><Say>Hello</Say></Response>".to_owned(),
            ("/wait", true) => "<Response><Pause length=\"50\"/></Response>".to_owned(),
            ("/sms", true) => format!(
                "<Response><Message>You said {}</Message></Response>",
                says("Body").unwrap_or_default()
            ),
            _ => return HttpResponse::Forbidden().finish(),
        };
        HttpResponse::Ok().content_type("text/xml").body(document)
    }
    let listener = TcpListener::bind("127.0.0.1:0").expect("binds a port");
    let address = listener.local_addr().expect("has an address");
    let server = HttpServer::new(|| App::new().default_service(web::to(answer)))
        .workers(1)
        .disable_signals()
        .listen(listener)
        .expect("listens");
    tokio::spawn(server.run());
    format!("http://{address}")
}

#[tokio::test]
async fn an_incoming_call_goes_to_the_configured_webhook_and_is_recorded() {
    let fixture = Fixture::new();
    let path = main_path(&format!("/IncomingPhoneNumbers/{NUMBER}.json"));
    let voice = format!("{}/voice", server());
    fixture.post(&path, &[("VoiceUrl", &voice), ("StatusCallback", "")]).await;
    let order = json!({"from": "+14155550199", "to": "+14155550100", "fast": true});
    let report = fixture.post_json("/simulator/calls", &order).await;
    assert_eq!(report.status, 200, "{}", report.text);
    let report = report.json();
    assert_eq!(report["status"], "completed");
    let requests = report["transcript"]
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["event"] == "request")
        .unwrap();
    assert_eq!((&requests["url"], &requests["status"]), (&json!(voice), &json!(200)));
    let stored = &fixture.simulator.calls(account(MAIN))[0];
    assert_eq!(report["sid"], json!(stored.sid));
    assert_eq!((stored.direction, stored.status), (Direction::Inbound, CallStatus::Completed));
    let shown = fixture.get(&main_path(&format!("/Calls/{}.json", stored.sid))).await.json();
    assert_eq!((&shown["status"], &shown["direction"]), (&json!("completed"), &json!("inbound")));
}

#[tokio::test]
async fn an_incoming_message_goes_through_the_service_and_is_recorded_with_its_reply() {
    let fixture = Fixture::new();
    let url = format!("{}/sms", server());
    let order = json!({"from": "+14155550199", "to": "+14155550100", "body": "Hi"});
    let silent = fixture.post_json("/simulator/messages", &order).await;
    assert_eq!(silent.status, 409);
    assert!(silent.text.contains("has no URL"), "{}", silent.text);
    fixture.post(&format!("/v1/Services/{SERVICE}"), &[("InboundRequestUrl", &url)]).await;
    let report = fixture.post_json("/simulator/messages", &order).await.json();
    assert_eq!(report["replies"][0]["body"], "You said Hi");
    let stored = fixture.simulator.messages(account(MAIN));
    let stored: Vec<_> = stored
        .iter()
        .map(|message| (message.direction, message.status, &message.body[..]))
        .collect();
    assert_eq!(
        stored,
        [
            (Direction::OutboundReply, MessageStatus::Delivered, "You said Hi"),
            (Direction::Inbound, MessageStatus::Received, "Hi"),
        ]
    );
}

#[tokio::test]
async fn nothing_is_delivered_without_a_configured_webhook() {
    let fixture = Fixture::new();
    for (to, status) in [("+14155550200", 409), ("+14155559999", 404), ("nonsense", 404)] {
        let order = json!({"from": "+14155550199", "to": to});
        assert_eq!(fixture.post_json("/simulator/calls", &order).await.status, status, "{to}");
    }
    let order = json!({"from": "+14155550199", "to": "+14155550101"});
    let answer = fixture.post_json("/simulator/messages", &order).await;
    assert_eq!(answer.json()["error"], "not delivered: the number does not support messages");
}

#[tokio::test]
async fn changing_a_number_in_the_console_records_no_api_request() {
    let fixture = Fixture::new();
    let path = "/simulator/numbers/+14155550100";
    let changed =
        fixture.post_json(path, &json!({"voice_url": "https://foreign.example"})).await.json();
    assert_eq!(changed["voice_url"], "https://foreign.example");
    assert_eq!(changed["status_callback"], "https://old.example/status");
    let (_, stored) = fixture.simulator.number(phone_number("+14155550100")).unwrap();
    assert_eq!(stored.settings.voice_url, "https://foreign.example");
    assert!(fixture.simulator.requests().is_empty());
    let typo = fixture.post_json(path, &json!({"voice_ulr": "https://foreign.example"})).await;
    assert_eq!(typo.status, 400);
    assert_eq!(fixture.post_json("/simulator/numbers/+14155559999", &json!({})).await.status, 404);
}

#[tokio::test]
async fn the_summary_shows_everything_except_tokens() {
    let fixture = Fixture::new();
    let shown = fixture.get("/simulator").await;
    assert!(!shown.text.contains("main-token") && !shown.text.contains("secret"));
    let shown = shown.json();
    assert_eq!(
        shown["accounts"][0]["numbers"][0]["settings"]["voice_url"],
        "https://old.example/voice"
    );
    assert_eq!(shown["accounts"][0]["services"][0]["short_codes"], json!(["12345"]));
    assert_eq!(shown["accounts"][1]["parent"], MAIN);
}

#[tokio::test]
async fn faults_are_injected_and_requests_listed() {
    let fixture = Fixture::new();
    let fault =
        json!({"path": "/v1/*", "times": 2, "does": {"kind": "server_error", "status": 500}});
    assert_eq!(fixture.post_json("/simulator/faults", &fault).await.status, 204);
    assert_eq!(fixture.get("/v1/Services").await.status, 500);
    assert_eq!(fixture.get("/simulator/faults").await.json()["faults"][0]["times"], 1);
    assert_eq!(fixture.delete("/simulator/faults").await.status, 204);
    assert_eq!(fixture.get("/v1/Services").await.status, 200);
    let requests = fixture.get("/simulator/requests").await.json();
    let statuses: Vec<&Value> =
        requests["requests"].as_array().unwrap().iter().map(|one| &one["status"]).collect();
    assert_eq!(statuses, [500, 200]);
    assert_eq!(requests["requests"][0]["account"], MAIN);
    assert_eq!(fixture.delete("/simulator/requests").await.status, 204);
    assert!(fixture.simulator.requests().is_empty());
    assert_eq!(
        fixture
            .post_json("/simulator/faults", &json!({"path": "*", "does": {"kind": "flood"}}))
            .await
            .status,
        400
    );
    assert_eq!(
        fixture.put_json("/simulator/conditions", &json!({"latency_ms": 1})).await.status,
        204
    );
    assert_eq!(fixture.get("/simulator/conditions").await.json()["latency_ms"], 1);
    assert_eq!(fixture.get("/simulator/nothing").await.status, 404);
}

#[tokio::test]
async fn accounts_are_added_and_suspended_and_messages_change_status() {
    let fixture = Fixture::new();
    let seed = json!({"accounts": [{"name": "New", "parent": MAIN, "numbers": [{"phone_number": "+14155550400"}]}]});
    assert_eq!(fixture.post_json("/simulator/seed", &seed).await.status, 204);
    let again = fixture.post_json("/simulator/seed", &seed).await;
    assert_eq!(
        again.json()["error"],
        "the seed is invalid: account New has a phone number that is already in use"
    );
    let (new, _) = fixture.simulator.number(phone_number("+14155550400")).unwrap();
    let path = format!("/simulator/accounts/{new}");
    assert_eq!(fixture.post_json(&path, &json!({"status": "suspended"})).await.status, 204);
    let shown = fixture.get(&format!("/2010-04-01/Accounts/{new}.json")).await.json();
    assert_eq!(shown["status"], "suspended");

    let sent = [("From", "+14155550100"), ("To", "+14155550199"), ("Body", "x")];
    let made = fixture.post(&main_path("/Messages.json"), &sent).await.json();
    let path = format!("/simulator/messages/{}", made["sid"].as_str().unwrap());
    let order = json!({"status": "undelivered", "error_code": 30003});
    assert_eq!(fixture.post_json(&path, &order).await.status, 204);
    let shown = fixture.get(made["uri"].as_str().unwrap()).await.json();
    assert_eq!((&shown["status"], &shown["error_code"]), (&json!("undelivered"), &json!(30003)));
}

#[tokio::test]
async fn an_incoming_call_is_redirected_through_the_api() {
    let fixture = Fixture::new();
    let base = server();
    let wait = format!("{base}/wait");
    fixture
        .post_json(
            "/simulator/numbers/+14155550100",
            &json!({"voice_url": wait, "status_callback": ""}),
        )
        .await;
    let order = json!({"from": "+14155550199", "to": "+14155550100"});
    let calling = fixture.post_json("/simulator/calls", &order);
    let telling = async {
        let calls = loop {
            let calls = fixture.get(&main_path("/Calls.json?Status=in-progress")).await.json();
            if calls["calls"] != json!([]) {
                break calls;
            }
        };
        let uri = calls["calls"][0]["uri"].as_str().unwrap().to_owned();
        fixture.post(&uri, &[("Url", &format!("{base}/voice"))]).await
    };
    let (report, received) = futures_util::future::join(calling, telling).await;
    assert_eq!(received.status, 200);
    let report = report.json();
    assert_eq!(report["status"], "completed");
    assert!(report["seconds"].as_u64().unwrap() < 50);
    let transcript = report["transcript"].to_string();
    assert!(transcript.contains("/wait") && transcript.contains("/voice"), "{transcript}");
}
