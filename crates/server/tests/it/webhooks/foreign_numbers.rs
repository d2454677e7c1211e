//! Numbers of others: within an organization they are refused, and those of another organization are not distinguished from
//! numbers of nobody.

use crate::prelude::*;

const NOBODYS: &str = "+14155550999";

/// The account OTHER, its agent and its number belong to another organization.
async fn move_to_another_organization(app: &TestApp) {
    const ORGANIZATION: &str = "org_01m8jwaxz29rbqtyphtjq1q9h6";
    let sid = OTHER.sid;
    app.store
        .execute(&format!(
            "INSERT INTO organizations (id, name, created_at) \
             SELECT '{ORGANIZATION}', 'Other', created_at FROM organizations; \
             CREATE TABLE moved AS SELECT * FROM numbers WHERE phone_number = '{OTHERS}'; \
             DELETE FROM numbers WHERE phone_number = '{OTHERS}'; \
             UPDATE agents SET organization_id = '{ORGANIZATION}' WHERE external_id = 'support'; \
             UPDATE accounts SET organization_id = '{ORGANIZATION}' WHERE sid = '{sid}'; \
             UPDATE moved SET organization_id = '{ORGANIZATION}'; \
             INSERT INTO numbers SELECT * FROM moved; \
             DROP TABLE moved"
        ))
        .await;
}

async fn assert_counted(app: &TestApp, server: &Server, endpoints: &[&str]) {
    for endpoint in endpoints {
        let labels = [format!("endpoint=\"{endpoint}\""), "reason=\"account_mismatch\"".to_owned()];
        let labels: Vec<_> = labels.iter().map(String::as_str).collect();
        assert_eq!(server.counted("switchboard_refusals_total", &labels).await, 1, "{endpoint}");
        let recorded =
            format!("rejections WHERE refusal = 'account_mismatch' AND endpoint = '{endpoint}'");
        app.store.holds(1, &recorded).await;
    }
}

#[apply(on_both_stores!)]
async fn a_number_of_another_account_of_the_organization_is_refused_and_recorded(store: Store) {
    let (app, server) = TestApp::served(store).await;
    server.send(&Webhook::call(MAIN, OTHERS, &sid("CA", 1))).await.assert_refused("a call");
    server
        .send(&Webhook::message(MAIN, OTHERS, &sid("SM", 1), "Hi"))
        .await
        .assert_refused("an SMS");
    assert_counted(&app, &server, &["voice", "message"]).await;
    assert_eq!((app.store.count("calls").await, app.store.count("messages").await), (0, 0));
}

/// Whoever has one account's token cannot ask which numbers other organizations have.
#[apply(on_both_stores!)]
async fn a_number_of_another_organization_is_answered_like_one_of_nobody(store: Store) {
    let app = TestApp::seeded(store);
    move_to_another_organization(&app).await;
    let server = app.serve().await;
    server.send(&Webhook::call(OTHER, OTHERS, &sid("CA", 9))).await.twiml().stream();
    let calls = [OTHERS, NOBODYS].map(|to| Webhook::call(MAIN, to, &sid("CA", 1)));
    let messages = [OTHERS, NOBODYS].map(|to| Webhook::message(MAIN, to, &sid("SM", 1), "Hi"));
    for [foreign, unknown] in [calls, messages] {
        let (foreign, unknown) = (server.send(&foreign).await, server.send(&unknown).await);
        assert_eq!(foreign.status, 200);
        assert_eq!(foreign.appearance(), unknown.appearance());
    }
    assert_counted(&app, &server, &["voice", "message"]).await;
    // What is recorded belongs to the account that signed.
    let theirs = format!("calls WHERE account_sid = '{}' AND agent_id IS NOT NULL", OTHER.sid);
    app.store.holds(1, &theirs).await;
}
