//! Bad input gets a 4xx with an empty body, is never a 5xx, and is not stored.

use crate::fixture::Prepared;
use crate::prelude::*;

/// Sends bytes on a connection of their own, and reads what comes back.
async fn exchanged(server: &Server, bytes: &[u8]) -> Option<Answer> {
    let mut wire = Wire::to(server.address).await.unwrap();
    // The server may have said no and left before it has read everything.
    let _all_taken = wire.write(bytes).await;
    wire.answer().await.unwrap_or(None)
}

/// A signed call with another body and content type. The signature is over the URL alone.
fn call_with(content_type: &str, body: &[u8]) -> Prepared {
    let mut prepared = Webhook::call(MAIN, SALES, &sid("CA", 1)).prepared();
    prepared.headers.retain(|(name, _)| name != "Content-Type");
    if !content_type.is_empty() {
        prepared.headers.push(("Content-Type".to_owned(), content_type.to_owned()));
    }
    body.clone_into(&mut prepared.body);
    prepared
}

/// The server works, and has stored nothing.
async fn assert_unharmed(app: &TestApp, server: &Server) {
    for table in ["calls", "messages"] {
        assert_eq!(app.store.count(table).await, 0, "{table}");
    }
    assert_eq!(server.counted("switchboard_webhooks_total", &["outcome=\"failed\""]).await, 0);
    assert_eq!(server.counted("switchboard_webhooks_total", &["outcome=\"unavailable\""]).await, 0);
    server
        .send(&Webhook::message(MAIN, SALES, &sid("SM", 0xfff), "Still there?"))
        .await
        .twiml()
        .only("Message");
}

#[apply(on_both_stores!)]
async fn malformed_webhooks_are_refused_with_an_empty_body(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let form = "application/x-www-form-urlencoded";
    let whole = Webhook::call(MAIN, SALES, &sid("CA", 1)).prepared().body;
    let with = |text: &[u8]| [&whole, &b"&"[..], text].concat();
    let cases = [
        ("nothing", form, Vec::new(), 400),
        ("ampersands", form, b"&&&&".to_vec(), 400),
        ("a name without a value", form, b"AccountSid".to_vec(), 400),
        ("a percent sign alone", form, with(b"A=%"), 400),
        ("half an escape", form, with(b"A=%4"), 400),
        ("an escape that is none", form, with(b"A=%zz"), 400),
        ("bytes that are no UTF-8", form, with(b"A=\xff\xfe"), 400),
        ("escapes that are no UTF-8", form, with(b"A=%C3%28"), 400),
        ("an overlong NUL", form, with(b"A=%C0%80"), 400),
        ("half of a surrogate pair", form, with(b"A=%ED%A0%80"), 400),
        ("a field without a name", form, with(b"=b"), 400),
        ("a control character in a name", form, with(b"To%00=b"), 400),
        ("too many fields", form, with(&b"a=b&".repeat(300)), 400),
        ("JSON in a form", form, br#"{"AccountSid":"AC"}"#.to_vec(), 400),
        (
            "a form in another encoding",
            "application/x-www-form-urlencoded; charset=utf-16",
            whole.clone(),
            415,
        ),
        ("a form that does not say what it is", "", whole.clone(), 415),
        ("JSON", "application/json", br#"{"AccountSid":"AC"}"#.to_vec(), 400),
        ("many parts", "multipart/form-data; boundary=x", b"--x--".to_vec(), 400),
        ("text", "text/plain", whole.clone(), 400),
    ];
    for (what, content_type, body, status) in cases {
        for path in [
            "/api/twilio/voice",
            "/api/twilio/webhook",
            "/api/twilio/status",
            "/api/twilio/voice/connected",
        ] {
            let mut prepared = call_with(content_type, &body);
            path.clone_into(&mut prepared.target);
            let answer = exchanged(&server, &prepared.bytes()).await.unwrap();
            assert_eq!((answer.status, answer.text()), (status, ""), "{what} at {path}");
        }
    }
    assert_unharmed(&app, &server).await;
}

#[apply(on_both_stores!)]
async fn a_body_may_have_64_kilobytes_and_no_more(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let filled = |bytes: usize| {
        let short = Webhook::call_status(MAIN, SALES, &sid("CA", 1), "ringing")
            .without("CallStatus")
            .and("Filler", "");
        let missing = bytes - short.prepared().body.len();
        short.with("Filler", &"x".repeat(missing)).prepared()
    };
    assert_eq!(filled(64 * 1024).body.len(), 64 * 1024);
    assert_eq!(exchanged(&server, &filled(64 * 1024).bytes()).await.unwrap().status, 204);
    for bytes in [64 * 1024 + 1, 1024 * 1024] {
        let answer = exchanged(&server, &filled(bytes).bytes()).await.unwrap();
        assert_eq!((answer.status, answer.text()), (413, ""));
        assert_eq!(answer.header("connection"), Some("close"));
    }
    // A length that is only announced, and one that is not.
    let head = "POST /api/twilio/voice HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n";
    let announced = format!("{head}Content-Length: 99999999999\r\nExpect: 100-continue\r\n\r\n");
    let mut wire = Wire::to(server.address).await.unwrap();
    wire.write(announced.as_bytes()).await.unwrap();
    let mut answer = wire.answer().await.unwrap().unwrap();
    if answer.status == 100 {
        let _all_taken = wire.write(&vec![b'x'; 128 * 1024]).await;
        answer = wire.answer().await.unwrap().unwrap();
    }
    assert_eq!((answer.status, answer.text()), (413, ""));
    let chunks = "4000\r\n".to_owned() + &"y".repeat(0x4000) + "\r\n";
    let chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n{}0\r\n\r\n", chunks.repeat(5));
    let answer = exchanged(&server, chunked.as_bytes()).await.unwrap();
    assert_eq!((answer.status, answer.text()), (413, ""));
    assert_unharmed(&app, &server).await;
}

#[apply(on_both_stores!)]
async fn headers_may_have_16_kilobytes_and_no_more(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let status = Webhook::call_status(MAIN, SALES, &sid("CA", 1), "ringing").without("CallStatus");
    let request =
        |bytes: usize| status.clone().header("X-Filler", &"x".repeat(bytes)).prepared().bytes();
    assert_eq!(exchanged(&server, &request(15 * 1024)).await.unwrap().status, 204);
    for bytes in [16 * 1024, 100 * 1024] {
        let answer = exchanged(&server, &request(bytes)).await.unwrap();
        assert_eq!((answer.status, answer.text()), (431, ""), "{bytes}");
    }
    // What no server would read to its end is not answered by name.
    for bytes in [300 * 1024, 2 * 1024 * 1024] {
        let answer = exchanged(&server, &request(bytes)).await;
        assert!(
            answer
                .is_none_or(|answer| (400..500).contains(&answer.status) && answer.body.is_empty())
        );
    }
    let mut many = status.clone();
    for number in 0..500 {
        many = many.header(&format!("X-{number}"), "x");
    }
    let answer = exchanged(&server, &many.prepared().bytes()).await.unwrap();
    assert!((400..500).contains(&answer.status) && answer.body.is_empty(), "{answer:?}");
    let long = status.at(&format!("/api/twilio/status?{}", "x".repeat(20 * 1024)));
    let answer = exchanged(&server, &long.prepared().bytes()).await.unwrap();
    assert!(answer.status == 204 || (400..500).contains(&answer.status), "{answer:?}");
    assert_unharmed(&app, &server).await;
}

#[apply(on_both_stores!)]
async fn a_path_answers_its_own_methods_only(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let paths = [
        ("/api/twilio/voice", "GET, HEAD, POST"),
        ("/api/twilio/webhook", "GET, HEAD, POST"),
        ("/api/twilio/status", "POST"),
        ("/api/twilio/voice/connected", "POST"),
        ("/api/voice/sessions/CA00000000000000000000000000000001", "GET, HEAD"),
    ];
    for (path, allowed) in paths {
        for method in
            ["GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "get"]
        {
            if allowed.split(", ").any(|allowed| allowed == method) {
                continue;
            }
            let request =
                format!("{method} {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
            let mut wire = Wire::to(server.address).await.unwrap();
            wire.write(request.as_bytes()).await.unwrap();
            wire.finish().await.unwrap();
            let answer = wire.answer().await.unwrap().unwrap();
            assert_eq!(
                (answer.status, answer.header("allow")),
                (405, Some(allowed)),
                "{method} {path}"
            );
            assert!(answer.body.is_empty());
        }
    }
    for path in [
        "/",
        "/api/twilio",
        "/API/twilio/voice",
        "//api/twilio/voice",
        "/api/twilio/../twilio/voice",
        "/%61pi/twilio/voice/x",
    ] {
        let request = Webhook::call(MAIN, SALES, &sid("CA", 1)).at(path).prepared();
        let answer = exchanged(&server, &request.bytes()).await.unwrap();
        assert_eq!((answer.status, answer.text()), (404, ""), "{path}");
    }
    assert_unharmed(&app, &server).await;
}

#[apply(on_both_stores!)]
async fn fields_that_are_not_as_twilio_writes_them_are_refused(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let call = Webhook::call(MAIN, SALES, &sid("CA", 1));
    let message = Webhook::message(MAIN, SALES, &sid("SM", 1), "Hi");
    let status = Webhook::call_status(MAIN, SALES, &sid("CA", 1), "completed");
    let mut cases = Vec::new();
    for name in ["AccountSid", "CallSid", "From", "To"] {
        cases.push((call.clone().without(name), format!("call without {name}")));
        let value = if name == "From" { "+14155550177" } else { SALES };
        cases.push((call.clone().and(name, value), format!("call with two {name}")));
    }
    for name in ["AccountSid", "MessageSid", "From", "To", "Body"] {
        cases.push((message.clone().without(name), format!("message without {name}")));
        cases.push((message.clone().and(name, "Hi"), format!("message with two {name}")));
    }
    cases.extend([
        (call.clone().and("Direction", "inbound"), "two directions".to_owned()),
        (call.clone().with("CallSid", "CA1"), "short SID".to_owned()),
        (call.clone().with("CallSid", &sid("SM", 1)), "SID of another kind".to_owned()),
        (
            call.clone().with("CallSid", &format!("{}\n", sid("CA", 1))),
            "SID with a line end".to_owned(),
        ),
        (call.clone().with("AccountSid", &sid("CA", 1)), "account that is a call".to_owned()),
        (
            call.clone().with("From", "+14155550177To+14155550100"),
            "fields folded into one".to_owned(),
        ),
        (call.clone().with("To", "+1415555\u{661}100"), "digits of another script".to_owned()),
        (call.clone().with("To", "whatsapp:+1 415"), "prefix without its grammar".to_owned()),
        (message.clone().without("Body").and("Bodyh", "i"), "renamed body".to_owned()),
        (message.clone().with("NumMedia", "many"), "media that are no number".to_owned()),
        (message.clone().with("NumMedia", "-1"), "fewer media than none".to_owned()),
        (message.clone().with("NumMedia", "99999999999999999999"), "too many media".to_owned()),
        (message.with("From", &"+".repeat(600)), "long sender".to_owned()),
        (status.clone().with("CallDuration", "long"), "duration that is no number".to_owned()),
        (status.clone().without("CallSid"), "status of nothing".to_owned()),
        (status.with("CallSid", ""), "status of an empty SID".to_owned()),
    ]);
    for (webhook, what) in cases {
        let answer = server.send(&webhook).await;
        assert_eq!((answer.status, answer.text()), (400, ""), "{what}");
    }
    assert_unharmed(&app, &server).await;
}

#[apply(on_both_stores!)]
async fn a_caller_id_that_spells_other_fields_decides_nothing(store: Store) {
    let (_app, server) = TestApp::served(store).await;
    let caller = format!("sip:Called{SILENT}CallerTo{SILENT}Toz@h");
    let call = Webhook::call(MAIN, SALES, &sid("CA", 1));
    let genuine = call.clone().with("Caller", &caller).with("From", &caller);
    assert_eq!(server.send(&genuine).await.status, 200);
    let forged = call
        .with("CallStatus", &format!("ringingCalled{SALES}Callersip:"))
        .with("Called", SILENT)
        .with("Caller", &format!("To{SILENT}Toz@h"))
        .with("From", &format!("sip:Called{SILENT}Caller"))
        .without("FromState")
        .without("FromZip")
        .with("To", SILENT)
        .and("Toz", &format!("@hFromStateCAFromZipTo{SALES}"));
    let signature = |webhook: &Webhook| {
        let mut headers = webhook.prepared().headers.into_iter();
        headers.find(|(name, _)| name.eq_ignore_ascii_case("X-Twilio-Signature"))
    };
    assert_eq!(signature(&forged), signature(&genuine));
    assert_eq!(server.send(&forged).await.status, 400);
}

#[apply(on_both_stores!)]
async fn two_requests_cannot_hide_in_one(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let body = "AccountSid=AC";
    let requests = [
        "Content-Length: 13\r\nTransfer-Encoding: chunked",
        "Content-Length: 13\r\nContent-Length: 14",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked, identity",
        "Content-Length: +13",
        "Content-Length: -1",
        "Content-Length: 0x0d",
        "Content-Length : 13",
        "X-A: b\r\n Content-Length: 13",
        "X-A: b\0c",
        "X A: b",
    ];
    for headers in requests {
        let request =
            format!("POST /api/twilio/voice HTTP/1.1\r\nHost: a\r\n{headers}\r\n\r\n{body}");
        let answer = exchanged(&server, request.as_bytes()).await;
        assert!(
            answer
                .is_none_or(|answer| (400..500).contains(&answer.status) && answer.body.is_empty()),
            "{headers}"
        );
    }
    for line in [
        "POST /api/twilio/voice",
        "POST  HTTP/1.1",
        "POST /api/twilio/voice HTTP/9.9",
        "POST /a b HTTP/1.1",
        "\0\0\0\0",
    ] {
        let answer = exchanged(&server, format!("{line}\r\nHost: a\r\n\r\n").as_bytes()).await;
        assert!(
            answer
                .is_none_or(|answer| (400..500).contains(&answer.status) && answer.body.is_empty()),
            "{line}"
        );
    }
    // The preface of HTTP/2, which is not spoken here.
    let answer = exchanged(&server, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
    assert!(answer.is_none_or(|answer| (400..500).contains(&answer.status)));
    assert_unharmed(&app, &server).await;
}

/// Chance that is the same in every run (Marsaglia, "Xorshift RNGs").
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap()
    }
}

#[apply(on_both_stores!)]
async fn random_bytes_do_no_harm(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let mut chance = Chance(0x5eed_cafe_f00d_1234);
    // Signed for another URL, so that no change makes it right.
    let message =
        Webhook::message(MAIN, SALES, &sid("SM", 1), "Grüße 👋").signed_for("https://example.org");
    let post = message.prepared().bytes();
    let query = message.by_get().prepared().bytes();
    for round in 0..600 {
        let mut bytes = match round % 3 {
            0 => (0..chance.below(2_000)).map(|_| chance.byte()).collect(),
            1 => post.clone(),
            _ => query.clone(),
        };
        if round % 3 != 0 {
            for _ in 0..=chance.below(4) {
                let place = chance.below(bytes.len());
                match chance.below(4) {
                    0 => bytes[place] = chance.byte(),
                    1 => bytes.insert(place, chance.byte()),
                    2 => drop(bytes.remove(place)),
                    _ => bytes.truncate(place.max(1)),
                }
            }
        }
        let mut wire = Wire::to(server.address).await.unwrap();
        let _all_taken = wire.write(&bytes).await;
        let _said = wire.finish().await;
        if let Some(answer) = wire.answer().await.unwrap_or(None) {
            let shown = String::from_utf8_lossy(&bytes);
            assert!((400..500).contains(&answer.status), "round {round}: {answer:?}\n{shown}");
            assert!(answer.body.is_empty(), "round {round}: {answer:?}\n{shown}");
        }
    }
    assert_unharmed(&app, &server).await;
}
