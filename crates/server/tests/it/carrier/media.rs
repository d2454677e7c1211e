//! Agents read the files of messages through us, with signed URLs.

use switchboard_domain::carrier::MediaFile;
use switchboard_domain::sid::{MediaSid, MessageSid};

use crate::fixture::{Endpoint, Response, assert_documented};
use crate::prelude::*;

const MESSAGE: &str = "MM00000000000000000000000000000001";
const MEDIA: &str = "ME00000000000000000000000000000007";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and all other bytes \0\xff";

/// An app whose agent Sales has this endpoint, and a file at the offline Twilio.
fn app_with(store: Store, target: &str) -> TestApp {
    let app = TestApp::with_fleet_now(store, three_accounts());
    app.run(&format!("agent set Sales {target}")).exits(0);
    app.assign_by_import(&[phone_number(SALES)]);
    let file = MediaFile { content_type: "image/png".to_owned(), content: PNG.to_vec() };
    let (message, media) = (MessageSid::parse(MESSAGE).unwrap(), MediaSid::parse(MEDIA).unwrap());
    assert!(app.twilio().simulator.add_media(account_sid(MAIN_SID), message, media, file));
    app
}

/// The URL of the file at Twilio, in this account.
fn at_twilio(app: &TestApp, account: &str) -> String {
    let base = app.twilio().base();
    format!("{base}/2010-04-01/Accounts/{account}/Messages/{MESSAGE}/Media/{MEDIA}")
}

fn webhook(url: &str) -> Webhook {
    Webhook::message(MAIN, SALES, MESSAGE, "Look")
        .with("NumMedia", "1")
        .with("MediaUrl0", url)
        .with("MediaContentType0", "image/png")
}

#[apply(on_both_stores!)]
async fn a_file_is_read_with_its_signed_url_only(store: Store) {
    let endpoint = Endpoint::responding(|_| (Duration::ZERO, 204, Value::Null)).await;
    let app = app_with(store, &format!("--message-webhook {}", endpoint.url));
    let server = app.serve().await;
    server.send(&webhook(&at_twilio(&app, MAIN_SID))).await;
    let media = endpoint.receives(1).await[0].data()["media"].take();
    assert_eq!(media[0]["content_type"], "image/png");
    let url = media[0]["url"].as_str().unwrap();
    let path = url.strip_prefix(PUBLIC_URL).unwrap();
    assert!(path.starts_with(&format!("/api/messages/{MESSAGE}/media/{MEDIA}?token=")), "{path}");
    let file = server.get(path, &[]).await;
    assert_eq!((file.status, file.body.as_slice()), (200, PNG));
    assert_eq!(file.header("content-type"), Some("image/png"));
    assert_eq!(file.header("x-content-type-options"), Some("nosniff"));

    let (without_token, token) = path.split_once("?token=").unwrap();
    let other = path.replace(MEDIA, "ME00000000000000000000000000000008");
    let later = token.replacen('.', ".9", 1);
    for forged in [
        without_token.to_owned(),
        other,
        format!("{without_token}?token={later}"),
        format!("{without_token}?token="),
    ] {
        assert_eq!(server.get(&forged, &[]).await.status, 401, "{forged}");
    }

    app.twilio().simulator.inject_fault(Fault {
        method: None,
        path: "*/Media/*".to_owned(),
        after: 0,
        times: Some(1),
        does: FaultKind::WrongToken,
    });
    let refused = server.get(path, &[]).await;
    assert_eq!((refused.status, &refused.json()["code"]), (502, &json!("media_unavailable")));

    app.run(&["erase", "+14155550177", "--yes"]).exits(0);
    let erased = server.get(path, &[]).await;
    assert_eq!((erased.status, &erased.json()["code"]), (404, &json!("media_gone")));
}

#[apply(on_both_stores!)]
async fn an_endpoint_of_twilios_form_gets_signed_urls_too(store: Store) {
    let endpoint = Endpoint::answering(|_| Response::of("text/xml", "<Response/>")).await;
    let app = app_with(store, &format!("--message-twilio {}", endpoint.url));
    let server = app.serve().await;
    server.send(&webhook(&at_twilio(&app, MAIN_SID))).await;
    let fields = endpoint.receives(1).await[0].fields();
    let urls: Vec<_> = fields.iter().filter(|(name, _)| name.starts_with("MediaUrl")).collect();
    assert_eq!(urls.len(), 1);
    let path = urls[0].1.strip_prefix(PUBLIC_URL).unwrap();
    assert_eq!(server.get(path, &[]).await.body, PNG);
}

/// A webhook can name any URL if someone has the token of the account.
#[apply(on_both_stores!)]
async fn only_files_at_twilio_in_the_own_account_are_passed_on(store: Store) {
    let endpoint = Endpoint::responding(|_| (Duration::ZERO, 204, Value::Null)).await;
    let app = app_with(store, &format!("--message-webhook {}", endpoint.url));
    let server = app.serve().await;
    server.send(&webhook(&at_twilio(&app, OTHER_SID))).await;
    let elsewhere =
        webhook("http://169.254.169.254/latest/meta-data").with("MessageSid", &sid("SM", 2));
    server.send(&elsewhere).await;
    for received in endpoint.receives(2).await {
        assert_eq!(received.data()["media"], json!([]));
    }
}

/// A delivery has the fields that docs/messages.md shows.
#[apply(on_both_stores!)]
async fn a_delivery_has_the_documented_fields(store: Store) {
    let endpoint = Endpoint::responding(|_| (Duration::ZERO, 204, Value::Null)).await;
    let app = app_with(store, &format!("--message-webhook {}", endpoint.url));
    let server = app.serve().await;
    server.send(&Webhook::message(MAIN, SALES, &sid("SM", 9), "Good morning")).await;
    server.send(&webhook(&at_twilio(&app, MAIN_SID))).await;
    let received = endpoint.receives(2).await;
    let sent: Value = serde_json::from_str(&received[1].text).unwrap();
    assert_documented(include_str!("../../../../../docs/messages.md"), &sent);
}
