//! Records of two organizations: calls, messages, conversations, deliveries, events and rejections.

use super::api::OTHERS_ID;
use crate::fixture::{Account, Endpoint};
use crate::prelude::*;

/// The call of our organization that a plan did not decide.
pub(super) fn our_call() -> String {
    sid("CA", 1)
}

/// Our message, which an endpoint replied to.
pub(crate) fn our_message() -> String {
    sid("SM", 1)
}

/// Adds another organization that owns the account `OTHER` with its number and its agent, as a database administrator does.
pub(crate) async fn add_others(app: &TestApp) {
    let agent = |name: &str| format!("(SELECT id FROM agents WHERE external_id = '{name}')");
    let (sales, support) = (agent("sales"), agent("support"));
    let add = format!(
        "INSERT INTO organizations (id, name, created_at) \
         SELECT '{OTHERS_ID}', 'Others', created_at FROM organizations; \
         UPDATE numbers SET account_sid = '{MAIN_SID}', agent_id = {sales} WHERE phone_number = '{OTHERS}'; \
         UPDATE accounts SET organization_id = '{OTHERS_ID}' WHERE sid = '{OTHER_SID}'; \
         UPDATE agents SET organization_id = '{OTHERS_ID}' WHERE external_id = 'support'; \
         UPDATE numbers SET organization_id = '{OTHERS_ID}', account_sid = '{OTHER_SID}', agent_id = {support} \
         WHERE phone_number = '{OTHERS}';"
    );
    app.store.execute(&add).await;
}

/// A server with records of two organizations, whose agents have endpoints that reply.
pub(crate) async fn served_with_records(store: Store) -> (TestApp, Server) {
    let app = TestApp::seeded(store);
    let endpoint = Endpoint::replying().await;
    for agent in ["sales", "support"] {
        app.run(&format!("agent set {agent} --message-webhook {}", endpoint.url)).exits(0);
    }
    add_others(&app).await;
    app.run("agent set support --voice alloy").exits(0);
    let server = app.serve().await;
    for (number, account, to) in [(1, MAIN, SALES), (2, MAIN, UNASSIGNED), (3, OTHER, OTHERS)] {
        let call = Webhook::call(account, to, &sid("CA", number));
        assert_eq!(server.send(&call).await.status, 200);
        let message = Webhook::message(account, to, &sid("SM", number), "Are you open?");
        assert_eq!(server.send(&message).await.status, 200);
    }
    let ended = Webhook::call_status(MAIN, SALES, &our_call(), "completed")
        .and("CallbackSource", "call-progress-events")
        .and("SequenceNumber", "0")
        .and("CallDuration", "42");
    assert_eq!(server.send(&ended).await.status, 204);
    // Nobody signs with this token, and the third account is unknown.
    for account in [MAIN_SID, OTHER_SID, "AC00000000000000000000000000000c04"] {
        let account = Account { sid: account, token: "00000000000000000000000000000000" };
        let refused = Webhook::call(account, SALES, &sid("CA", 9));
        assert_eq!(server.send(&refused).await.status, 403, "{account:?}");
    }
    app.store.holds(3, "calls").await;
    app.store.holds(1, "calls WHERE status = 'completed'").await;
    app.store.holds(3, "rejections").await;
    // Each message of an agent, and the reply to it.
    app.store.holds(4, "deliveries WHERE state = 'delivered'").await;
    app.store.holds(2, "conversations").await;
    (app, server)
}
