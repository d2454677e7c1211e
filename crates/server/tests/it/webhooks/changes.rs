//! What another process changes is seen by the running server, without a restart.

use crate::webhooks::rig::{
    CHANGED, Client, DISABLED, Installation, MAIN, NOBODYS, OTHER, OTHERS, SALES, SILENT, SUB,
    SUBS, Store, UNASSIGNED, Webhook, sid, within,
};

on_both_stores! {
    a_number_that_gets_another_agent_is_answered_by_it,
    an_agent_that_is_changed_answers_as_it_is_now,
    a_number_that_is_added_is_answered,
    a_token_that_is_changed_opens_the_door_and_the_old_one_does_not,
    an_account_that_is_removed_is_refused,
    an_import_is_seen_whole,
}

const CALL: &str = "CA00000000000000000000000000000001";

/// Which agent answers a call, if any.
async fn agent(client: &Client, to: &str) -> Option<String> {
    let twiml = client.send(&Webhook::call(MAIN, to, CALL)).await.twiml();
    let is_stream = twiml.children[0].name == "Connect";
    is_stream.then(|| twiml.stream().parameter("externalId").unwrap().to_owned())
}

async fn a_number_that_gets_another_agent_is_answered_by_it(store: Store) {
    let (desk, server) = Installation::served(store).await;
    assert_eq!(agent(&server, SALES).await.as_deref(), Some("sales"));
    assert_eq!(agent(&server, UNASSIGNED).await, None);
    desk.succeed(&["number", "assign", SALES, "--agent", "support"]);
    within(CHANGED, "the new agent answers", async || {
        (agent(&server, SALES).await? == "support").then_some(())
    })
    .await;
    desk.succeed(&["number", "assign", UNASSIGNED, "--agent", "sales"]);
    within(CHANGED, "somebody answers", async || {
        (agent(&server, UNASSIGNED).await? == "sales").then_some(())
    })
    .await;
    desk.succeed(&["number", "release", SALES]);
    within(CHANGED, "nobody answers", async || agent(&server, SALES).await.is_none().then_some(()))
        .await;
    desk.succeed(&["number", "assign", SALES, "--agent", "sales", "--channels", "sms"]);
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

async fn an_agent_that_is_changed_answers_as_it_is_now(store: Store) {
    let (desk, server) = Installation::served(store).await;
    let stream =
        async || server.send(&Webhook::call(MAIN, SALES, CALL)).await.twiml().stream().clone();
    assert_eq!(stream().await.parameter("voice"), Some("alloy"));
    desk.succeed(&[
        "agent",
        "set",
        "sales",
        "--voice",
        "verse",
        "--stream-url",
        "wss://new.example.com/s",
        "--name",
        "New",
    ]);
    let changed = within(CHANGED, "the voice is new", async || {
        let stream = stream().await;
        (stream.parameter("voice") == Some("verse")).then_some(stream)
    })
    .await;
    assert_eq!(changed.attribute("url"), Some("wss://new.example.com/s"));
    assert_eq!(changed.parameter("agentName"), Some("New"));
    desk.succeed(&["agent", "set", "sales", "--disable"]);
    within(CHANGED, "it is silent", async || agent(&server, SALES).await.is_none().then_some(()))
        .await;
    desk.succeed(&["agent", "set", "holiday", "--enable"]);
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
    desk.succeed(&["agent", "set", "hours", "--reply", "Closed."]);
    within(CHANGED, "the reply is new", async || (text().await?.text == "Closed.").then_some(()))
        .await;
}

async fn a_number_that_is_added_is_answered(store: Store) {
    let (desk, server) = Installation::served(store).await;
    assert_eq!(agent(&server, NOBODYS).await, None);
    desk.succeed(&["number", "add", NOBODYS, "--account", MAIN.sid]);
    desk.succeed(&["number", "assign", NOBODYS, "--agent", "support"]);
    within(CHANGED, "it is answered", async || agent(&server, NOBODYS).await).await;
}

async fn a_token_that_is_changed_opens_the_door_and_the_old_one_does_not(store: Store) {
    let (desk, server) = Installation::served(store).await;
    let status = async |token| {
        server.send(&Webhook::call(MAIN, SALES, CALL).signed_with(token)).await.status
    };
    let (old, next) = (MAIN.token, "0123456789abcdef0123456789abcdef");
    std::fs::write(desk.folder().join("next.txt"), next).unwrap();
    assert_eq!((status(old).await, status(next).await), (200, 403));
    // During the rotation both open it.
    desk.succeed(&["account", "set", MAIN.sid, "--next-token-file", "next.txt"]);
    within(CHANGED, "the next token opens", async || (status(next).await == 200).then_some(()))
        .await;
    assert_eq!(status(old).await, 200);
    desk.succeed(&["account", "set", MAIN.sid, "--token-file", "next.txt", "--no-next-token"]);
    within(CHANGED, "the old token is refused", async || (status(old).await == 403).then_some(()))
        .await;
    assert_eq!(status(next).await, 200);
}

async fn an_account_that_is_removed_is_refused(store: Store) {
    let (desk, server) = Installation::served(store).await;
    let [taken, kept] = ["AC00000000000000000000000000000c01", OTHER.sid];
    std::fs::write(desk.folder().join("token.txt"), SUB.token).unwrap();
    desk.succeed(&["account", "add", taken, "--name", "Soon gone", "--token-file", "token.txt"]);
    let webhook = Webhook::call(SUB, NOBODYS, CALL).with("AccountSid", taken);
    let status = async || server.send(&webhook).await.status;
    within(CHANGED, "the new account is let in", async || (status().await == 200).then_some(()))
        .await;
    let refused = desk.run(&["account", "remove", kept]);
    assert_eq!(refused.code, Some(1), "it still owns a number: {}", refused.stderr);
    desk.succeed(&["account", "remove", taken]);
    within(CHANGED, "it is refused", async || (status().await == 403).then_some(())).await;
    server.send(&Webhook::call(OTHER, OTHERS, CALL)).await.twiml().stream();
}

async fn an_import_is_seen_whole(store: Store) {
    let (desk, server) = Installation::served(store).await;
    for to in [SALES, UNASSIGNED, NOBODYS] {
        agent(&server, to).await;
    }
    let numbers = format!(
        "phone_number,account_sid,agent_external_id\n{SALES},{main},support\n{UNASSIGNED},{main},sales\n\
        {NOBODYS},{main},support\n{SUBS},{main},sales\n",
        main = MAIN.sid
    );
    std::fs::write(desk.folder().join("numbers.csv"), numbers).unwrap();
    desk.succeed(&["import", "csv", "--numbers", "numbers.csv"]);
    within(CHANGED, "the import is seen", async || {
        (agent(&server, SALES).await? == "support").then_some(())
    })
    .await;
    for (to, expected) in [(UNASSIGNED, "sales"), (NOBODYS, "support"), (SUBS, "sales")] {
        assert_eq!(agent(&server, to).await.as_deref(), Some(expected), "{to}");
    }
    // The number has moved: who owned it is refused now.
    server
        .send(&Webhook::call(SUB, SUBS, CALL))
        .await
        .assert_refused("the number belongs to the main account now");
}
