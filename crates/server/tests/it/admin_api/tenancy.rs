//! A key of one organization sees nothing of another on any path of the `OpenAPI` document.

use super::api::{Api, OTHERS_ID, OURS_ID, add_others, added_key, code};
use crate::prelude::*;

/// A path of one object, filled with the key of an object of the default organization, and with a key that does not exist.
fn filled(app: &TestApp, path: &str) -> Option<[String; 2]> {
    let agent = || {
        let shown = app.run("agent show sales --json").exits(0).json();
        shown["id"].as_str().unwrap().to_owned()
    };
    let (parameter, ours, missing) = match path {
        "/api/v1/accounts/{sid}" => ("{sid}", MAIN_SID.to_owned(), sid("AC", 99)),
        "/api/v1/agents/{id}" => ("{id}", agent(), "agt_01m8jwaxz29rbqtyphtjq1q9h6".to_owned()),
        "/api/v1/numbers/{phone_number}" => {
            ("{phone_number}", SALES.to_owned(), UNKNOWN.to_owned())
        }
        _ => {
            assert!(!path.contains('{'), "{path}: name an object of it here");
            return None;
        }
    };
    Some([ours, missing].map(|key| path.replace(parameter, &key)))
}

#[apply(on_both_stores!)]
async fn no_path_shows_anything_of_another_organization(store: Store) {
    let (app, server) = TestApp::served(store).await;
    add_others(&app).await;
    let ours = added_key(&app, &format!("--scopes read --organization {OURS_ID}")).1;
    let theirs = added_key(&app, &format!("--scopes read --organization {OTHERS_ID}")).1;
    let (ours, theirs) = (Api::with(&server, &ours), Api::with(&server, &theirs));
    let selecting = Api::operator(&app, &server).selecting(OTHERS_ID);
    let document = server.admin().get("/api/openapi.json", &[]).await.json();
    let (mut lists, mut objects) = (0, 0);
    for (path, methods) in document["paths"].as_object().unwrap() {
        let methods: Vec<_> = methods.as_object().unwrap().keys().collect();
        assert_eq!(methods, ["get"], "{path}: try its other methods here");
        for foreign in [&theirs, &selecting] {
            if let Some([existing, missing]) = filled(&app, path) {
                objects += 1;
                assert_eq!(ours.get(&existing).await.status, 200, "{existing}");
                let (existing, missing) =
                    (foreign.get(&existing).await, foreign.get(&missing).await);
                assert!(code(&existing, 404).ends_with("_not_found"), "{path}");
                assert_eq!(existing.appearance(), missing.appearance(), "{path}");
            } else {
                lists += 1;
                let own = ours.json(path).await["data"].as_array().unwrap().len();
                assert!(own > 0, "{path} shows nothing to its own organization");
                let shown = foreign.json(path).await["data"].clone();
                let is_their_own = path == "/api/v1/organizations" && shown[0]["id"] == OTHERS_ID;
                assert_eq!(shown.as_array().unwrap().len(), usize::from(is_their_own), "{path}");
            }
        }
    }
    assert!(lists >= 8 && objects >= 6, "{lists} lists, {objects} objects");
}

#[apply(on_both_stores!)]
async fn a_cursor_or_a_filter_leads_to_no_other_organization(store: Store) {
    let (app, server) = TestApp::served(store).await;
    add_others(&app).await;
    let theirs = added_key(&app, &format!("--scopes read --organization {OTHERS_ID}")).1;
    let (operator, theirs) = (Api::operator(&app, &server), Api::with(&server, &theirs));
    for path in ["/api/v1/accounts", "/api/v1/agents", "/api/v1/numbers"] {
        let first = operator.json(&format!("{path}?limit=1")).await;
        let cursor = first["next_cursor"].as_str().unwrap();
        let next = theirs.json(&format!("{path}?cursor={cursor}")).await;
        assert_eq!(next, json!({ "data": [], "next_cursor": null }));
    }
    let filtered = theirs.json(&format!("/api/v1/numbers?account_sid={MAIN_SID}")).await;
    assert_eq!(filtered["data"], json!([]));
}
