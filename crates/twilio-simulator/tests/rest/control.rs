//! The company in the hands of people and scripts.
#![expect(clippy::expect_used, reason = "a test that cannot go on says where")]

use std::net::TcpListener;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use serde_json::{Value, json};
use switchboard_twilio_simulator::{CallStatus, Direction, MessageStatus};

use crate::rig::{MAIN, NUMBER, Rig, SERVICE, account, main_path, phone_number};

/// A customer's server on a port of its own, which answers every call and message. Returns its base.
fn customer() -> String {
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
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    let server = HttpServer::new(|| App::new().default_service(web::to(answer)))
        .workers(1)
        .disable_signals()
        .listen(listener)
        .expect("it can be listened to");
    tokio::spawn(server.run());
    format!("http://{address}")
}

#[tokio::test]
async fn a_call_from_outside_goes_where_the_number_is_configured_for_and_is_kept() {
    let rig = Rig::new();
    let path = main_path(&format!("/IncomingPhoneNumbers/{NUMBER}.json"));
    let voice = format!("{}/voice", customer());
    rig.post(&path, &[("VoiceUrl", &voice), ("StatusCallback", "")]).await;
    let order = json!({"from": "+14155550199", "to": "+14155550100", "fast": true});
    let report = rig.post_json("/simulator/calls", &order).await;
    assert_eq!(report.status, 200, "{}", report.text);
    let report = report.json();
    assert_eq!(report["status"], "completed");
    let asked = report["transcript"]
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["event"] == "request")
        .unwrap();
    assert_eq!((&asked["url"], &asked["status"]), (&json!(voice), &json!(200)));
    let kept = &rig.company.calls(account(MAIN))[0];
    assert_eq!(report["sid"], json!(kept.sid));
    assert_eq!((kept.direction, kept.status), (Direction::Inbound, CallStatus::Completed));
    let shown = rig.get(&main_path(&format!("/Calls/{}.json", kept.sid))).await.json();
    assert_eq!((&shown["status"], &shown["direction"]), (&json!("completed"), &json!("inbound")));
}

#[tokio::test]
async fn a_message_from_outside_goes_through_the_service_and_both_sides_are_kept() {
    let rig = Rig::new();
    let url = format!("{}/sms", customer());
    let order = json!({"from": "+14155550199", "to": "+14155550100", "body": "Hi"});
    let silent = rig.post_json("/simulator/messages", &order).await;
    assert_eq!(silent.status, 409);
    assert!(silent.text.contains("switched off"), "{}", silent.text);
    rig.post(&format!("/v1/Services/{SERVICE}"), &[("InboundRequestUrl", &url)]).await;
    let report = rig.post_json("/simulator/messages", &order).await.json();
    assert_eq!(report["replies"][0]["body"], "You said Hi");
    let kept = rig.company.messages(account(MAIN));
    let kept: Vec<_> =
        kept.iter().map(|message| (message.direction, message.status, &message.body[..])).collect();
    assert_eq!(
        kept,
        [
            (Direction::OutboundReply, MessageStatus::Delivered, "You said Hi"),
            (Direction::Inbound, MessageStatus::Received, "Hi"),
        ]
    );
}

#[tokio::test]
async fn nothing_is_delivered_where_nothing_is_configured() {
    let rig = Rig::new();
    for (to, status) in [("+14155550200", 409), ("+14155559999", 404), ("nonsense", 404)] {
        let order = json!({"from": "+14155550199", "to": to});
        assert_eq!(rig.post_json("/simulator/calls", &order).await.status, status, "{to}");
    }
    let order = json!({"from": "+14155550199", "to": "+14155550101"});
    let answer = rig.post_json("/simulator/messages", &order).await;
    assert_eq!(answer.json()["error"], "nothing is delivered: the number does not take messages");
}

#[tokio::test]
async fn a_number_is_changed_by_hand_without_a_request_to_the_api() {
    let rig = Rig::new();
    let path = "/simulator/numbers/+14155550100";
    let changed =
        rig.post_json(path, &json!({"voice_url": "https://foreign.example"})).await.json();
    assert_eq!(changed["voice_url"], "https://foreign.example");
    assert_eq!(changed["status_callback"], "https://old.example/status");
    let (_, kept) = rig.company.number(phone_number("+14155550100")).unwrap();
    assert_eq!(kept.settings.voice_url, "https://foreign.example");
    assert!(rig.company.requests().is_empty());
    let typo = rig.post_json(path, &json!({"voice_ulr": "https://foreign.example"})).await;
    assert_eq!(typo.status, 400);
    assert_eq!(rig.post_json("/simulator/numbers/+14155559999", &json!({})).await.status, 404);
}

#[tokio::test]
async fn everything_is_seen_at_a_glance_but_no_token() {
    let rig = Rig::new();
    let shown = rig.get("/simulator").await;
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
async fn faults_are_ordered_and_requests_looked_at() {
    let rig = Rig::new();
    let fault =
        json!({"path": "/v1/*", "times": 2, "does": {"kind": "server_error", "status": 500}});
    assert_eq!(rig.post_json("/simulator/faults", &fault).await.status, 204);
    assert_eq!(rig.get("/v1/Services").await.status, 500);
    assert_eq!(rig.get("/simulator/faults").await.json()["faults"][0]["times"], 1);
    assert_eq!(rig.delete("/simulator/faults").await.status, 204);
    assert_eq!(rig.get("/v1/Services").await.status, 200);
    let requests = rig.get("/simulator/requests").await.json();
    let statuses: Vec<&Value> =
        requests["requests"].as_array().unwrap().iter().map(|one| &one["status"]).collect();
    assert_eq!(statuses, [500, 200]);
    assert_eq!(requests["requests"][0]["account"], MAIN);
    assert_eq!(rig.delete("/simulator/requests").await.status, 204);
    assert!(rig.company.requests().is_empty());
    assert_eq!(
        rig.post_json("/simulator/faults", &json!({"path": "*", "does": {"kind": "flood"}}))
            .await
            .status,
        400
    );
    assert_eq!(rig.put_json("/simulator/conditions", &json!({"latency_ms": 1})).await.status, 204);
    assert_eq!(rig.get("/simulator/conditions").await.json()["latency_ms"], 1);
    assert_eq!(rig.get("/simulator/nothing").await.status, 404);
}

#[tokio::test]
async fn accounts_are_added_and_suspended_and_messages_come_further() {
    let rig = Rig::new();
    let seed = json!({"accounts": [{"name": "New", "parent": MAIN, "numbers": [{"phone_number": "+14155550400"}]}]});
    assert_eq!(rig.post_json("/simulator/seed", &seed).await.status, 204);
    let again = rig.post_json("/simulator/seed", &seed).await;
    assert_eq!(
        again.json()["error"],
        "the seed makes no accounts: account New has a phone number that is already taken"
    );
    let (new, _) = rig.company.number(phone_number("+14155550400")).unwrap();
    let path = format!("/simulator/accounts/{new}");
    assert_eq!(rig.post_json(&path, &json!({"status": "suspended"})).await.status, 204);
    let shown = rig.get(&format!("/2010-04-01/Accounts/{new}.json")).await.json();
    assert_eq!(shown["status"], "suspended");

    let sent = [("From", "+14155550100"), ("To", "+14155550199"), ("Body", "x")];
    let made = rig.post(&main_path("/Messages.json"), &sent).await.json();
    let path = format!("/simulator/messages/{}", made["sid"].as_str().unwrap());
    let order = json!({"status": "undelivered", "error_code": 30003});
    assert_eq!(rig.post_json(&path, &order).await.status, 204);
    let shown = rig.get(made["uri"].as_str().unwrap()).await.json();
    assert_eq!((&shown["status"], &shown["error_code"]), (&json!("undelivered"), &json!(30003)));
}

#[tokio::test]
async fn a_call_from_outside_hears_what_the_api_tells_it() {
    let rig = Rig::new();
    let base = customer();
    let wait = format!("{base}/wait");
    rig.post_json(
        "/simulator/numbers/+14155550100",
        &json!({"voice_url": wait, "status_callback": ""}),
    )
    .await;
    let order = json!({"from": "+14155550199", "to": "+14155550100"});
    let calling = rig.post_json("/simulator/calls", &order);
    let telling = async {
        let calls = loop {
            let calls = rig.get(&main_path("/Calls.json?Status=in-progress")).await.json();
            if calls["calls"] != json!([]) {
                break calls;
            }
        };
        let uri = calls["calls"][0]["uri"].as_str().unwrap().to_owned();
        rig.post(&uri, &[("Url", &format!("{base}/voice"))]).await
    };
    let (report, told) = futures_util::future::join(calling, telling).await;
    assert_eq!(told.status, 200);
    let report = report.json();
    assert_eq!(report["status"], "completed");
    assert!(report["seconds"].as_u64().unwrap() < 50);
    let transcript = report["transcript"].to_string();
    assert!(transcript.contains("/wait") && transcript.contains("/voice"), "{transcript}");
}
