//! The log of a server that delivers messages has no secret at any level.

use crate::fixture::{Endpoint, Response};
use crate::prelude::*;

const CALLER: &str = "+14155550177";
const TEXT: &str = "my-password-is-hunter2";
const REPLY: &str = "your-code-is-493817";
const CHAT_KEY: &str = "sk-chat-0123456789abcdef";

/// Delivers to a webhook, whose agent replies later and reads a file.
async fn webhook_day(app: &TestApp) {
    let endpoint = Endpoint::responding(|_| (Duration::ZERO, 204, Value::Null)).await;
    let set = format!("agent set Sales --message-webhook {} --json", endpoint.url);
    let secret = app.run(&set).exits(0).json()["webhook_secret"].as_str().unwrap().to_owned();
    app.assign_by_import(&[phone_number(SALES)]);
    let server = app.serve().await;
    let at_twilio = format!(
        "{}/2010-04-01/Accounts/{MAIN_SID}/Messages/{}/Media/{}",
        app.twilio().base(),
        sid("MM", 1),
        sid("ME", 1)
    );
    let message = Webhook::message(MAIN, SALES, &sid("MM", 1), TEXT);
    server.send(&message.with("NumMedia", "1").with("MediaUrl0", &at_twilio)).await;
    let data = endpoint.receives(1).await[0].data();
    let file = data["media"][0]["url"].as_str().unwrap().strip_prefix(PUBLIC_URL).unwrap();
    assert_eq!(server.get(file, &[]).await.status, 404, "the file was deleted");
    let (path, token) =
        (data["reply_url"].as_str().unwrap(), data["reply_token"].as_str().unwrap());
    let headers = [("authorization", &*format!("Bearer {token}")), ("idempotency-key", "1")];
    let reply = json!({"reply": {"body": REPLY}}).to_string();
    let path = path.strip_prefix(PUBLIC_URL).unwrap();
    assert_eq!(server.post(path, &headers, &reply).await.status, 202);
    let is_sent =
        async || (!app.twilio().simulator.messages(account_sid(MAIN_SID)).is_empty()).then_some(());
    within(DONE, "the reply is sent", is_sent).await;
    let signature_of = |token: &str| token.rsplit('.').next().unwrap().to_owned();
    assert_secret(server, vec![secret, signature_of(token), signature_of(file)]).await;
}

/// Delivers to a chat model, which first refuses the key.
async fn chat_day(app: &TestApp) {
    let refused = AtomicUsize::new(0);
    let model = Endpoint::answering(move |_| {
        let message = json!({"role": "assistant", "content": REPLY});
        let body = json!({"choices": [{"message": message, "finish_reason": "stop", "index": 0}]});
        let mut response = Response::of("application/json", &body.to_string());
        if refused.fetch_add(1, Ordering::SeqCst) == 0 {
            response.status = 401;
            response.body = format!("wrong key {CHAT_KEY}");
        }
        response
    })
    .await;
    app.write("key", CHAT_KEY);
    let url = model.url.strip_suffix("/messages").unwrap();
    app.run(&format!("agent set Sales --chat-model small --chat-url {url} --chat-key-file key"))
        .exits(0);
    let server = app.serve().await;
    for n in [2, 3] {
        server.send(&Webhook::message(MAIN, SALES, &sid("SM", n), &format!("{TEXT} {n}"))).await;
    }
    model.receives(2).await;
    assert_secret(server, vec![CHAT_KEY.to_owned()]).await;
}

/// Ends the server and searches its log.
async fn assert_secret(mut server: Server, mut secrets: Vec<String>) {
    server.signal(Signal::TERM);
    assert!(server.ended(Duration::from_secs(20)).await.success());
    secrets.extend([ENCRYPTION_KEY, MAIN.token, TEXT, REPLY].map(str::to_owned));
    for number in [SALES, CALLER] {
        secrets.extend([number[1..].to_owned(), number.replace('+', "%2B")]);
    }
    let log = server.log();
    assert!(log.iter().any(|line| line.contains("TRACE")), "everything is logged");
    for secret in secrets {
        let reported: Vec<_> = log.iter().filter(|line| line.contains(&*secret)).take(3).collect();
        assert!(reported.is_empty(), "{secret} is in the log: {reported:#?}");
    }
}

#[apply(on_both_stores!)]
async fn neither_keys_nor_tokens_nor_texts_get_into_the_log(store: Store) {
    let mut app = TestApp::with_fleet_now(store, three_accounts());
    app.set("RUST_LOG", "trace");
    webhook_day(&app).await;
    chat_day(&app).await;
}
