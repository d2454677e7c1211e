//! Refused requests are counted by kind, with what would have made the signature match.

use crate::prelude::*;
use std::collections::HashSet;

use switchboard_domain::signature::NearMiss;

/// A call that was signed for another public URL than ours.
fn signed_for(url: &str, account: &TestAccount, fields: &Fields) -> Request {
    let body = encoded(fields).into_bytes();
    let form = Form::parse(&body).unwrap();
    let request = SignedRequest { target: VOICE, content: Content::Form(&form) };
    let signature = sign(&account.key, &PublicUrl::parse(url).unwrap(), &request);
    Request::post(VOICE, fields).with_signature(Some(&signature))
}

#[tokio::test]
async fn a_refusal_is_stored_with_its_endpoint_reason_account_and_organization() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    let request = Request::post(VOICE, &call(&main, CALLER, NUMBER));
    assert!(app.voice(&request).await.is_err());
    app.clock.pass_seconds(5);
    assert!(app.voice(&request).await.is_err());
    let kept = app.rejections().await;
    assert_eq!(kept.len(), 1);
    assert_eq!(
        (kept[0].endpoint, kept[0].refusal, kept[0].count),
        (Endpoint::Voice, Refusal::SignatureMissing, 2)
    );
    assert_eq!(
        (kept[0].account, &kept[0].organization),
        (Some(main.sid), &Some(default_organization()))
    );
    assert_eq!(kept[0].at, NOW.plus_seconds(5), "the last of them");
}

#[tokio::test]
async fn each_refusal_is_written_once() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    assert!(app.voice(&Request::post(VOICE, &call(&main, CALLER, NUMBER))).await.is_err());
    assert_eq!(app.rejections().await.len(), 1);
    let asked = app.faults.requests();
    assert_eq!(app.rejections().await.len(), 1);
    assert_eq!(app.faults.requests(), asked, "with nothing to write no store is asked");
}

#[tokio::test]
async fn a_flood_of_a_hundred_thousand_refusals_is_a_few_rows_that_count_all_of_them() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    let fields = call(&main, CALLER, NUMBER);
    let unsigned = Request::post(VOICE, &fields);
    let wrong = Request::post(VOICE, &fields).signed_by(&account(2));
    for _ in 0..50_000 {
        assert!(app.voice(&unsigned).await.is_err());
        assert!(app.voice(&wrong).await.is_err());
    }
    let kept = app.rejections().await;
    let counts: HashSet<_> =
        kept.iter().map(|rejection| (rejection.refusal, rejection.count)).collect();
    assert_eq!(
        counts,
        HashSet::from([(Refusal::SignatureMissing, 50_000), (Refusal::SignatureWrong, 50_000)])
    );
}

#[tokio::test]
async fn unknown_accounts_are_counted_together_without_an_organization() {
    let app = TestApp::empty().await;
    for index in 0..500 {
        let stranger = account(1_000 + index);
        let signed = Request::post(VOICE, &call(&stranger, CALLER, NUMBER)).signed_by(&stranger);
        assert!(app.voice(&signed).await.is_err());
        assert!(app.voice(&signed.with_signature(None)).await.is_err());
    }
    let kept = app.rejections().await;
    let kinds: HashSet<_> = kept
        .iter()
        .map(|rejection| (rejection.refusal, rejection.account, rejection.count))
        .collect();
    assert_eq!(
        kinds,
        HashSet::from([
            (Refusal::AccountUnknown, None, 500),
            (Refusal::SignatureMissing, None, 500)
        ]),
        "random accounts are not kinds of their own"
    );
    assert!(kept.iter().all(|rejection| rejection.organization.is_none()));
}

#[tokio::test]
async fn every_known_account_has_a_place_between_two_writes() {
    let app = TestApp::empty().await;
    for index in 1..=100 {
        let own = account(index);
        let row = crate::fixture::row(&app.keyring, &own, None);
        app.store.accounts().add(&operator(), &row).await.unwrap();
    }
    app.directory.refresh().await.unwrap();
    for index in 1..=100 {
        assert!(
            app.voice(&Request::post(VOICE, &call(&account(index), CALLER, NUMBER))).await.is_err()
        );
    }
    assert_eq!(app.rejections().await.len(), 100);
}

#[tokio::test]
async fn a_public_url_with_the_wrong_scheme_is_found_with_the_url_that_fits() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    let request = signed_for("http://calls.example.com", &main, &call(&main, CALLER, NUMBER));
    assert!(app.voice(&request).await.is_err());
    let kept = app.rejections().await;
    let public_url = "http://calls.example.com".to_owned();
    assert_eq!(kept[0].near_miss, Some(NearMiss::Scheme { public_url }));
}

#[tokio::test]
async fn a_host_that_the_headers_name_explains_a_refusal_and_never_prevents_it() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    let request = signed_for("https://tunnel.example.org", &main, &call(&main, CALLER, NUMBER));
    let mut webhook = request.webhook();
    let hosts = vec!["tunnel.example.org".to_owned()];
    webhook.hosts = &hosts;
    let answer = app.answer_call.answer(webhook).await.map_err(|failure| failure.error);
    assert_eq!(crate::fixture::refusal(answer), Refusal::SignatureWrong);
    assert_eq!(app.rejections().await[0].near_miss.as_ref().map(NearMiss::as_str), Some("host"));
}

#[tokio::test]
async fn a_signature_by_the_parents_token_is_found_and_still_refused() {
    let app = TestApp::empty().await;
    let main = account(1);
    let sub = subaccount(2, &main);
    app.add_account(&main).await;
    app.add_account(&sub).await;
    let request = Request::post(MESSAGE, &message(&sub, CALLER, NUMBER, "hello")).signed_by(&main);
    assert_eq!(crate::fixture::refusal(app.message(&request).await), Refusal::SignatureWrong);
    let kept = app.rejections().await;
    assert_eq!(
        (kept[0].near_miss.as_ref().map(NearMiss::as_str), kept[0].account),
        (Some("parent_token"), Some(sub.sid))
    );
}

#[tokio::test]
async fn an_unrelated_token_is_not_a_near_miss() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    let request = Request::post(VOICE, &call(&main, CALLER, NUMBER)).signed_by(&account(9));
    assert!(app.voice(&request).await.is_err());
    let kept = app.rejections().await;
    assert_eq!((kept[0].refusal, &kept[0].near_miss), (Refusal::SignatureWrong, &None));
}

#[tokio::test]
async fn refusals_that_cannot_be_written_are_let_go_and_new_ones_are_counted() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    let request = Request::post(VOICE, &call(&main, CALLER, NUMBER));
    assert!(app.voice(&request).await.is_err());
    app.faults.fail_every(Fault::Unavailable);
    assert!(app.rejection_log.flush().await.is_err());
    app.faults.recover();
    assert!(app.voice(&request).await.is_err());
    assert_eq!(
        app.rejections().await.iter().map(|rejection| rejection.count).collect::<Vec<_>>(),
        [1]
    );
}
