//! No unsigned request reaches the store.

use crate::prelude::*;

/// An app with two accounts and a subaccount of the first.
async fn guarded() -> (TestApp, TestAccount, TestAccount, TestAccount) {
    let app = TestApp::empty().await;
    let (main, other) = (account(1), account(2));
    let sub = subaccount(3, &main);
    for account in [&main, &other, &sub] {
        app.add_account(account).await;
    }
    (app, main, other, sub)
}

/// One genuine request for each endpoint, by `account`, not yet signed.
fn genuine(account: &TestAccount) -> Vec<(&'static str, Fields)> {
    let call = call(account, CALLER, NUMBER);
    let message = message(account, CALLER, NUMBER, "hello");
    vec![
        (VOICE, call.clone()),
        (MESSAGE, message.clone()),
        (STATUS, with(call.clone(), "CallStatus", "completed")),
        (STATUS, with(message, "MessageStatus", "delivered")),
        (CONNECTED, call),
    ]
}

/// The result of the endpoint that the target leads to, which does not read or write the store.
async fn knock(app: &TestApp, request: &Request) -> Result<(), WebhookError> {
    let before = app.faults.requests();
    let result = match request.target.split('?').next().unwrap() {
        VOICE => app.voice(request).await.map(drop),
        MESSAGE => app.message(request).await.map(drop),
        STATUS => app.status(request).await.map(drop),
        CONNECTED => app.connected(request).await.map(drop),
        other => panic!("no endpoint at {other}"),
    };
    assert_eq!(app.faults.requests(), before);
    result
}

#[tokio::test]
async fn what_carries_no_signature_is_refused() {
    let (app, main, _, _) = guarded().await;
    let unlike = [
        None,
        Some(""),
        Some("x"),
        Some("RSOYDt4T1cUTdK1PDd93/VVr8B8"),
        Some("RSOYDt4T1cUTdK1PDd93_VVr8B8="),
        Some("RSOYDt4T1cUTdK1PDd93/VVr8B8=\n"),
        Some("RSOYDt4T1cUTdK1PDd93/VVr8B8=="),
    ];
    for (target, fields) in genuine(&main) {
        for signature in unlike {
            for request in [Request::post(target, &fields), Request::get(target, &fields)] {
                let result = knock(&app, &request.with_signature(signature)).await;
                assert_eq!(
                    crate::fixture::refusal(result),
                    Refusal::SignatureMissing,
                    "{target} {signature:?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn what_another_token_signed_is_refused_also_the_parents() {
    let (app, main, other, sub) = guarded().await;
    for (named, signer) in
        [(&main, &other), (&other, &main), (&sub, &main), (&main, &sub), (&main, &account(9))]
    {
        for (target, fields) in genuine(named) {
            let result = knock(&app, &Request::post(target, &fields).signed_by(signer)).await;
            assert_eq!(crate::fixture::refusal(result), Refusal::SignatureWrong, "{target}");
        }
    }
}

#[tokio::test]
async fn an_unknown_account_is_refused_whoever_signs() {
    let (app, main, _, _) = guarded().await;
    let stranger = account(9);
    for signer in [&main, &stranger] {
        for (target, fields) in genuine(&stranger) {
            let result = knock(&app, &Request::post(target, &fields).signed_by(signer)).await;
            assert_eq!(crate::fixture::refusal(result), Refusal::AccountUnknown, "{target}");
        }
    }
}

#[tokio::test]
async fn any_change_after_signing_is_refused() {
    let (app, main, other, _) = guarded().await;
    for (target, fields) in genuine(&main) {
        let signed = Request::post(target, &fields).signed_by(&main);
        let signature = signed.signature.as_deref();
        let changed = [
            Request::post(target, &with(fields.clone(), "From", "+14155550188")),
            Request::post(target, &with(fields.clone(), "New", "1")),
            Request::post(target, &without(&fields, "FromZip")),
            Request::post(&format!("{target}?a=1"), &fields),
            Request::get(target, &fields),
        ];
        for request in changed {
            let result = knock(&app, &request.with_signature(signature)).await;
            assert_eq!(crate::fixture::refusal(result), Refusal::SignatureWrong, "{target}");
        }
        let stolen = Request::post(target, &with(fields, "AccountSid", other.sid.as_str()));
        let result = knock(&app, &stolen.with_signature(signature)).await;
        assert_eq!(crate::fixture::refusal(result), Refusal::SignatureWrong, "{target}");
    }
}

#[tokio::test]
async fn a_body_of_another_type_is_refused_unless_its_hash_is_in_the_query() {
    let (app, main, _, _) = guarded().await;
    for (target, fields) in genuine(&main) {
        let signed = Request::body(target, &fields, b"{}").signed_by(&main);
        let exchanged =
            Request { content: crate::requests::Kind::Body(b"[]".to_vec()), ..signed.clone() };
        let bare = Request::get(target, &fields).signed_by(&main);
        let bare = Request { content: crate::requests::Kind::Body(b"{}".to_vec()), ..bare };
        for request in [exchanged, bare] {
            assert_eq!(
                crate::fixture::refusal(knock(&app, &request).await),
                Refusal::SignatureWrong,
                "{target}"
            );
        }
    }
}

#[tokio::test]
async fn what_cannot_be_read_as_a_form_with_one_account_is_unreadable() {
    let (app, main, _, _) = guarded().await;
    let sid = main.sid.as_str();
    let bodies = [
        String::new(),
        "To=%2B14155550100".to_owned(),
        "AccountSid=".to_owned(),
        "AccountSid=AC123".to_owned(),
        format!("accountsid={sid}"),
        format!("AccountSid={sid}&AccountSid={sid}"),
        format!("AccountSid={sid}&=x"),
        format!("AccountSid={sid}&a=%zz"),
        format!("AccountSid={sid}&a=%ff%fe"),
        format!("AccountSid={sid}&a%00=1"),
        format!("AccountSid={sid}{}", "&a=1".repeat(300)),
        format!("{{\"AccountSid\":\"{sid}\"}}"),
    ];
    for target in [VOICE, MESSAGE, STATUS, CONNECTED] {
        for body in &bodies {
            let content = crate::requests::Kind::Form(body.clone().into_bytes());
            let request = Request {
                target: target.to_owned(),
                content,
                signature: Some("RSOYDt4T1cUTdK1PDd93/VVr8B8=".to_owned()),
            };
            crate::fixture::assert_unreadable(knock(&app, &request).await);
        }
    }
}

#[tokio::test]
async fn random_numbers_without_a_signature_leave_no_trace_in_the_caches() {
    let (app, main, other, _) = guarded().await;
    for index in 0..1_000 {
        let fields = call(&main, CALLER, &format!("+1415555{index:04}"));
        let request = Request::post(VOICE, &fields).signed_by(&other);
        assert!(knock(&app, &request).await.is_err());
    }
    assert!(app.routes.is_empty());
    assert_eq!(app.recorder.waiting(), 0);
}
