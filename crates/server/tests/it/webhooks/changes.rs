//! Cache invalidation: a running server sees the changes of other processes.

use crate::prelude::*;

const CALL: &str = "CA00000000000000000000000000000001";

/// Which agent answers a call, if any.
async fn agent(client: &Client, to: &str) -> Option<String> {
    let twiml = client.send(&Webhook::call(MAIN, to, CALL)).await.twiml();
    let is_stream = twiml.children[0].name == "Connect";
    is_stream.then(|| twiml.stream().parameter("externalId").unwrap().to_owned())
}

#[apply(on_both_stores!)]
async fn a_number_that_gets_another_agent_is_answered_by_it(store: Store) {
    let (app, server) = TestApp::served(store).await;
    assert_eq!(agent(&server, SALES).await.as_deref(), Some("sales"));
    assert_eq!(agent(&server, UNASSIGNED).await, None);
    app.run(&format!("number assign {SALES} --agent support")).exits(0);
    within(CHANGED, "the new agent answers", async || {
        (agent(&server, SALES).await? == "support").then_some(())
    })
    .await;
    app.run(&format!("number assign {UNASSIGNED} --agent sales")).exits(0);
    within(CHANGED, "somebody answers", async || {
        (agent(&server, UNASSIGNED).await? == "sales").then_some(())
    })
    .await;
    app.run(&format!("number release {SALES} --yes")).exits(0);
    within(CHANGED, "nobody answers", async || agent(&server, SALES).await.is_none().then_some(()))
        .await;
    app.run(&format!("number assign {SALES} --agent sales --channels sms")).exits(0);
    let reply = async || {
        server
            .send(&Webhook::message(MAIN, SALES, &sid("SM", 1), "Hi"))
            .await
            .twiml()
            .children
            .pop()
    };
    within(CHANGED, "messages are answered", reply).await;
    assert_eq!(agent(&server, SALES).await, None, "but calls are not");
}

#[apply(on_both_stores!)]
async fn an_agent_that_is_changed_answers_as_it_is_now(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let stream =
        async || server.send(&Webhook::call(MAIN, SALES, CALL)).await.twiml().stream().clone();
    assert_eq!(stream().await.parameter("voice"), Some("alloy"));
    app.run("agent set sales --voice verse --stream-url wss://new.example.com/s --name New")
        .exits(0);
    let changed = within(CHANGED, "the voice is new", async || {
        let stream = stream().await;
        (stream.parameter("voice") == Some("verse")).then_some(stream)
    })
    .await;
    assert_eq!(changed.attribute("url"), Some("wss://new.example.com/s"));
    assert_eq!(changed.parameter("agentName"), Some("New"));
    app.run("agent set sales --disable").exits(0);
    within(CHANGED, "it is silent", async || agent(&server, SALES).await.is_none().then_some(()))
        .await;
    app.run("agent set holiday --enable").exits(0);
    within(CHANGED, "the other one is back", async || agent(&server, DISABLED).await).await;
    let text = async || {
        server
            .send(&Webhook::message(MAIN, SILENT, &sid("SM", 1), "Hi"))
            .await
            .twiml()
            .children
            .pop()
    };
    assert_eq!(text().await.unwrap().text, "We are open from 9 to 5.");
    app.run("agent set hours --reply Closed.").exits(0);
    within(CHANGED, "the reply is new", async || (text().await?.text == "Closed.").then_some(()))
        .await;
}

#[apply(on_both_stores!)]
async fn a_number_that_is_added_is_answered(store: Store) {
    let (app, server) = TestApp::served(store).await;
    assert_eq!(agent(&server, UNKNOWN).await, None);
    app.run(&format!("number add {UNKNOWN} --account {MAIN_SID}")).exits(0);
    app.run(&format!("number assign {UNKNOWN} --agent support")).exits(0);
    within(CHANGED, "it is answered", async || agent(&server, UNKNOWN).await).await;
}

#[apply(on_both_stores!)]
async fn a_changed_token_verifies_and_the_old_one_does_not(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let status = async |token| {
        server.send(&Webhook::call(MAIN, SALES, CALL).signed_with(token)).await.status
    };
    let (old, next) = (MAIN.token, "0123456789abcdef0123456789abcdef");
    app.write("next.txt", next);
    assert_eq!((status(old).await, status(next).await), (200, 403));
    // During the rotation both open it.
    app.run(&format!("account set {MAIN_SID} --next-token-file next.txt")).exits(0);
    within(CHANGED, "the next token opens", async || (status(next).await == 200).then_some(()))
        .await;
    assert_eq!(status(old).await, 200);
    app.run(&format!("account set {MAIN_SID} --token-file next.txt --no-next-token")).exits(0);
    within(CHANGED, "the old token is refused", async || (status(old).await == 403).then_some(()))
        .await;
    assert_eq!(status(next).await, 200);
}

#[apply(on_both_stores!)]
async fn an_account_that_is_removed_is_refused(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let [taken, kept] = ["AC00000000000000000000000000000c01", OTHER.sid];
    app.write("token.txt", SUB.token);
    app.run(&["account", "add", taken, "--name", "Soon gone", "--token-file", "token.txt"])
        .exits(0);
    let webhook = Webhook::call(SUB, UNKNOWN, CALL).with("AccountSid", taken);
    let status = async || server.send(&webhook).await.status;
    within(CHANGED, "the new account is let in", async || (status().await == 200).then_some(()))
        .await;
    let refused = app.run(&format!("account remove {kept} --yes"));
    assert_eq!(refused.code, Some(5), "it still owns a number: {}", refused.stderr);
    app.run(&format!("account remove {taken} --yes")).exits(0);
    within(CHANGED, "it is refused", async || (status().await == 403).then_some(())).await;
    server.send(&Webhook::call(OTHER, OTHERS, CALL)).await.twiml().stream();
}

#[apply(on_both_stores!)]
async fn an_import_is_seen_atomically(store: Store) {
    let (app, server) = TestApp::served(store).await;
    for to in [SALES, UNASSIGNED, UNKNOWN] {
        agent(&server, to).await;
    }
    let numbers = format!(
        "phone_number,account_sid,agent_external_id\n{SALES},{main},support\n{UNASSIGNED},{main},sales\n\
        {UNKNOWN},{main},support\n{SUBS},{main},sales\n",
        main = MAIN.sid
    );
    app.write("numbers.csv", &numbers);
    app.run("import csv --numbers numbers.csv").exits(0);
    within(CHANGED, "the import is seen", async || {
        (agent(&server, SALES).await? == "support").then_some(())
    })
    .await;
    for (to, expected) in [(UNASSIGNED, "sales"), (UNKNOWN, "support"), (SUBS, "sales")] {
        assert_eq!(agent(&server, to).await.as_deref(), Some(expected), "{to}");
    }
    // The number has moved: who owned it is refused now.
    server
        .send(&Webhook::call(SUB, SUBS, CALL))
        .await
        .assert_refused("the number belongs to the main account now");
}
