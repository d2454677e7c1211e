//! How strictly the signatures of an account are checked, through the API.

use super::api::{Api, added_key, code};
use crate::prelude::*;

#[apply(on_both_stores!)]
async fn enforcing_is_refused_while_genuine_requests_would_be_refused(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let api = Api::with(&server, &added_key(&app, "--scopes read,configure").1);
    let path = format!("/api/v1/accounts/{MAIN_SID}/validation");
    let shown = api.json(&path).await;
    assert_eq!((&shown["validation"], &shown["genuine"]), (&Value::Null, &json!(0)));
    let set = async |body: Value| api.submit("PUT", &path, &[], &body).await;
    for body in [json!({"validation": "enforced"}), json!({"validation": "report"})] {
        assert_eq!(set(body).await.json()["unverified"], json!([]));
    }
    // Signed for the URL behind a proxy that the public URL does not name.
    let behind = Webhook::call(MAIN, SALES, &sid("CA", 1)).signed_for("http://calls.example.com");
    within(CHANGED, "the account is only reported", async || {
        (server.send(&behind).await.status == 200).then_some(())
    })
    .await;
    let shown = within(BEHIND, "the requests are counted", async || {
        Some(api.json(&path).await).filter(|shown| shown["genuine"] != 0)
    })
    .await;
    let counted = &shown["unverified"][0];
    assert_eq!(counted["reason"], "signature_wrong");
    assert_eq!((&counted["near_miss"], &counted["genuine"]), (&json!("scheme"), &json!(true)));
    assert_eq!(counted["public_url"], "http://calls.example.com");
    let refused = set(json!({"validation": "enforced"})).await;
    assert_eq!(code(&refused, 409), "genuine_traffic");
    assert_eq!(refused.json()["errors"][0]["pointer"], "/validation");
    assert_eq!(api.json(&path).await["validation"], "report");
    for wrong in [
        json!({"validation": "disabled"}),
        json!({"validation": "enforced", "more": 1}),
        json!({"validation": "enforced", "force": "yes"}),
        json!({}),
    ] {
        assert_eq!(code(&set(wrong).await, 422), "body_invalid");
    }
    let forced = set(json!({"validation": "enforced", "force": true})).await;
    assert_eq!((forced.status, &forced.json()["validation"]), (200, &json!("enforced")));
    // It is enforced already.
    assert_eq!(set(json!({"validation": "enforced"})).await.status, 200);
    within(CHANGED, "the account is enforced", async || {
        (server.send(&behind).await.status == 403).then_some(())
    })
    .await;
    assert_eq!(set(json!({"validation": null})).await.json()["validation"], Value::Null);
    let account = api.json(&format!("/api/v1/accounts/{MAIN_SID}")).await;
    assert_eq!(account["validation"], Value::Null);
}
