//! A command that changes something does and prints the same on the database and through the admin API of a running server.

use super::remote::Remote;
use crate::prelude::*;

/// An account that is not stored.
const NO_ACCOUNT: &str = "AC00000000000000000000000000000c04";

#[apply(on_both_stores!)]
async fn numbers_are_changed_through_the_api(store: Store) {
    let app = TestApp::with_fleet(store, three_accounts());
    let server = app.serve().await;
    let remote = Remote::of(&app, &server);
    let assign = format!("number assign {SALES} --agent Sales");
    let unassign = format!("number unassign {SALES} --yes");
    let before = app.twilio().settings(number(0)).voice_url;
    for command in [
        // Impacts and plans.
        format!("{assign} --dry-run"),
        format!("number unassign {SALES} --dry-run"),
        format!("number remove {SALES} --dry-run"),
        format!("number remove {SALES}"),
        // Errors.
        format!("number add {SALES} --account {MAIN_SID}"),
        format!("number add {UNKNOWN} --account {NO_ACCOUNT}"),
        format!("number add {UNKNOWN} --account Nobody"),
        format!("number add 4155550199 --account {MAIN_SID}"),
        format!("number assign {UNKNOWN} --agent Sales"),
        format!("number assign {UNKNOWN} --agent Slaes"),
        format!("number assign {SALES} --agent Slaes"),
        format!("{assign} --channels fax"),
        format!("{assign} --repair sometimes"),
        format!("number unassign {UNKNOWN} --yes"),
        format!("number remove {UNKNOWN} --yes"),
    ] {
        remote.prints_the_same(&command);
    }
    assert_eq!(app.twilio().settings(number(0)).voice_url, before);

    remote.does_the_same(&assign, &unassign);
    assert_ne!(app.twilio().settings(number(0)).voice_url, before);
    for command in [
        format!("{assign} --dry-run"),
        format!("number unassign {SALES} --dry-run"),
        format!("number unassign {SALES}"),
        format!("number remove {SALES} --force --dry-run"),
        format!("number remove {SALES} --yes"),
    ] {
        remote.prints_the_same(&command);
    }
    let again = remote.run(&format!("{assign} --channels voice --repair automatic --json"));
    let again = again.exits(0).json();
    assert_eq!(
        (&again["channels"]["sms"], &again["repair_policy"]),
        (&json!(false), &json!("automatic"))
    );
    app.run(&assign).exits(0);
    remote.does_the_same(&unassign, &assign);
    assert_eq!(app.twilio().settings(number(0)).voice_url, before);
    remote.does_the_same(&unassign, "number list");

    let add = format!("number add {SALES} --account {MAIN_SID}");
    let removal = format!("number remove {SALES} --yes");
    remote.does_the_same(&removal, &add);
    remote.does_the_same(&add, &removal);
    app.run(&assign).exits(0);
    let forced = remote.run(&format!("number remove {SALES} --force --yes --json")).exits(0);
    assert_eq!(forced.json(), json!({ "removed": SALES }));
    app.run(&format!("number show {SALES}")).exits(4);
    app.run("audit list --action number.removed").exits(0).shows(&["key_"]);
}

/// What somebody else changed at Twilio is not overwritten, unless it is asked for.
#[apply(on_both_stores!)]
async fn changes_by_others_are_kept_through_the_api(store: Store) {
    let app = TestApp::with_fleet(store, three_accounts());
    let server = app.serve().await;
    let remote = Remote::of(&app, &server);
    app.run(&format!("number assign {SALES} --agent Sales")).exits(0);
    let theirs = "https://theirs.example.org/voice";
    app.twilio().change(number(0), |there| theirs.clone_into(&mut there.voice_url));
    let unassign = format!("number unassign {SALES} --yes");
    let kept = remote.run(&format!("{unassign} --json")).exits(5).json_error();
    assert_eq!(kept["code"], "configuration_changed");
    assert!(kept["hint"].as_str().unwrap().contains("--force"), "{kept}");
    assert_eq!(app.twilio().settings(number(0)).voice_url, theirs);
    remote.run(&format!("{unassign} --force")).exits(0).shows(&["unassigned"]);
    assert_ne!(app.twilio().settings(number(0)).voice_url, theirs);
}

#[apply(on_both_stores!)]
async fn senders_are_changed_through_the_api(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let remote = Remote::of(&app, &server);
    let add = format!("sender add messenger:1234567890 --account {MAIN_SID}");
    let removal = "sender remove messenger:1234567890 --yes";
    remote.does_the_same(&add, removal);
    for command in [
        "sender add hello --account Main",
        &add,
        "sender assign rcs:nobody --agent hours",
        "sender assign messenger:1234567890 --agent hours --channels voice",
        "sender unassign messenger:1234567890 --dry-run",
        "sender unassign rcs:nobody --yes",
        "sender remove messenger:1234567890 --dry-run",
        "sender remove rcs:nobody --yes",
    ] {
        remote.prints_the_same(command);
    }
    remote.does_the_same(removal, &add);
    app.run("sender show messenger:1234567890").exits(4);
}

#[apply(on_both_stores!)]
async fn agents_are_changed_through_the_api(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let remote = Remote::of(&app, &server);
    app.write("prompt.txt", "You sell things.\n");
    app.write("key.secret", "sk-s3cret");
    let of = |line: &str| app.run(&format!("{line} --json")).exits(0).json();
    // What is added is what the same command without the API adds.
    let add = "agent add --name Chat --prompt-file prompt.txt --language en-US --parameter tier=gold \
               --stream-url wss://voice.example.com/chat --chat-model gpt-4o-mini --chat-url http://models.example.com/v1 \
               --chat-key-file key.secret";
    let through_api = remote.run(&format!("{add} --external-id there --json")).exits(0);
    through_api.shows(&["in clear text"]).assert_hides("sk-s3cret");
    let local = app.run(&format!("{add} --external-id here --json")).exits(0);
    local.shows(&["in clear text", "1 other agent with this name"]);
    let compared = |external_id: &str| {
        let mut agent = of(&format!("agent show {external_id}"));
        for field in ["id", "external_id", "created_at", "voice_health"] {
            agent.as_object_mut().unwrap().remove(field);
        }
        agent
    };
    assert_eq!(compared("there"), compared("here"));
    // A change is what the same change without the API is.
    for change in [
        "--voice alloy --no-language --parameter region=west --whatsapp-template HX0123456789abcdef0123456789abcdef",
        "--no-parameters --parameter color=blue --disable --no-prompt",
        "--chat-daily-limit 5000 --relay-attribute welcomeGreeting=Hello --no-whatsapp-template",
        "--chat-key-file key.secret --enable",
        "--no-parameter color --no-voice-target --message-redirect-url https://example.com/sms",
        "--dial +14155550123 --reply Hello --name Phone",
    ] {
        remote.run(&format!("agent set there {change}")).exits(0).shows(&["changed agent"]);
        app.run(&format!("agent set here {change}")).exits(0);
        assert_eq!(compared("there"), compared("here"), "{change}");
    }
    app.run("agent set there --message-webhook https://example.com/messages").exits(0);
    remote.does_the_same("agent set there --voice echo", "agent set there --voice alloy");
    for command in [
        "agent add --name Other --external-id sales",
        "agent add --name Other --stream-url https://voice.example.com",
        "agent add --name Other --chat-key-file key.secret",
        "agent add --name Other --prompt-file missing.txt",
        "agent set there",
        "agent set nobody --voice alloy",
        "agent set there --external-id sales",
        "agent set there --no-parameter missing",
        "agent set there --no-relay-attribute language",
        "agent set there --chat-key-file key.secret",
        "agent rotate-secret nobody",
        "agent remove nobody --yes",
        "agent remove there",
        "agent remove there --dry-run",
        "agent remove hours --dry-run",
        "agent remove hours --yes",
    ] {
        remote.prints_the_same(command);
    }
    remote.run("agent set there --capacity 3").misused("no part of the API");
    remote.run("agent set there --enable-target").misused("no part of the API");
    let first = remote.run("agent rotate-secret there --json").exits(0).json();
    let second = remote.run("agent rotate-secret there --json").exits(0).json();
    assert!(first["webhook_secret"].as_str().unwrap().starts_with("whsec_"), "{first}");
    assert_ne!(first["webhook_secret"], second["webhook_secret"]);
    remote
        .run("agent rotate-secret there")
        .exits(0)
        .shows(&["rotated the secret of agent Phone", "whsec_"]);
    // A routing plan names it.
    app.write("plan.json", r#"{"name":"Desk","otherwise":{"agents":["there"]}}"#);
    app.run("route plan save plan.json").exits(0);
    remote.prints_the_same("agent remove there --yes");
    remote.prints_the_same("agent remove there --dry-run");
    app.run("route plan remove Desk --yes").exits(0);
    remote.run("agent remove there --yes").exits(0).shows(&["removed agent agt_"]);
    app.run("agent show there").exits(4);
}

#[apply(on_both_stores!)]
async fn accounts_are_changed_through_the_api(store: Store) {
    let mut app = TestApp::with_twilio(store, three_accounts());
    let server = app.serve().await;
    let remote = Remote::of(&app, &server);
    let wrong = "ffffffffffffffffffffffffffffffff";
    app.write("token.txt", MAIN_TOKEN);
    app.write("sub.txt", SUB_TOKEN);
    app.write("wrong.txt", wrong);
    app.write("empty.txt", "");
    let add = format!("account add {MAIN_SID} --name Main --token-file token.txt");
    let removal = format!("account remove {MAIN_SID} --yes");
    remote.does_the_same(&add, &removal);
    remote.does_the_same(&removal, &add);
    app.run(&add).exits(0);
    let sub = format!("account add {SUB_SID} --name Sub --parent Main --token-file sub.txt --json");
    let sub = remote.run(&sub).exits(0).json();
    assert_eq!((&sub["parent_sid"], &sub["token_verified"]), (&json!(MAIN_SID), &json!(true)));
    let set = format!("account set {MAIN_SID}");
    for change in [
        "--name Office --region ie1",
        "--name Main --region us1",
        "--next-token-file token.txt",
        "--token-file token.txt --no-next-token",
        "--token-file wrong.txt --no-verify",
        "--token-file token.txt",
        "--validation report",
        "--validation enforced",
        "--validation default",
    ] {
        remote.does_the_same(&format!("{set} {change}"), "account list");
    }
    for command in [
        &add,
        &set,
        &format!("account add {OTHER_SID} --name Other --token-file wrong.txt"),
        &format!("account add {OTHER_SID} --name Other --token-file empty.txt"),
        &format!(
            "account add {OTHER_SID} --name Other --token-file token.txt --next-token-file wrong.txt"
        ),
        &format!(
            "account add {OTHER_SID} --name Other --token-file token.txt --parent Nobody --no-verify"
        ),
        &format!(
            "account add {OTHER_SID} --name Other --token-file token.txt --parent {OTHER_SID} --no-verify"
        ),
        &format!("account add {MAIN_TOKEN} --name Other --token-file token.txt"),
        &format!("{set} --token-file wrong.txt"),
        &format!("{set} --parent Sub"),
        &format!("{set} --validation disabled"),
        &format!("account set {NO_ACCOUNT} --name Other"),
        &format!("account remove {NO_ACCOUNT} --yes"),
        &format!("account remove {MAIN_SID} --dry-run"),
        &format!("account remove {MAIN_SID}"),
    ] {
        remote.prints_the_same(command);
    }
    remote.run(&format!("{set} --validation report --name Other")).misused("another command");
    app.run(&format!("number add {SALES} --account Main")).exits(0);
    remote.prints_the_same(&removal);
    remote.prints_the_same(&format!("account remove {MAIN_SID} --dry-run"));
    app.run(&format!("number remove {SALES} --yes")).exits(0);
    remote.run("account remove Sub --yes").exits(0).shows(&[SUB_SID]);
    app.run(&format!("account show {SUB_SID}")).exits(4);
    app.run("audit list --action account.removed").exits(0).shows(&["key_"]);

    // What Twilio does not answer is stored with a warning.
    let url = remote.url().to_owned();
    app.stop_twilio().await;
    let line = format!("--url {url} --key key.txt {set} --token-file token.txt --json");
    let unverified = app.run(&line).exits(0);
    assert_eq!(unverified.json()["token_verified"], json!(false));
    unverified.shows(&["could not be verified with Twilio"]);
}

#[apply(on_both_stores!)]
async fn enforcing_signatures_through_the_api_is_refused_alike(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let remote = Remote::of(&app, &server);
    remote.run("account set Main --validation report").exits(0);
    // Signed for the URL behind a proxy that the public URL does not name.
    let behind = Webhook::call(MAIN, SALES, &sid("CA", 1)).signed_for("http://calls.example.com");
    let sent = AtomicUsize::new(0);
    within(CHANGED, "the account is only reported", async || {
        sent.fetch_add(1, Ordering::Relaxed);
        (server.send(&behind).await.status == 200).then_some(())
    })
    .await;
    let all = match sent.load(Ordering::Relaxed) {
        1 => "  1 request: ".to_owned(),
        sent => format!("  {sent} requests: "),
    };
    within(BEHIND, "all requests are counted", async || {
        app.run("account show Main").exits(0).stdout.contains(&all).then_some(())
    })
    .await;
    remote.prints_the_same("account set Main --validation enforced");
    remote.run("account set Main --validation enforced --force").exits(0);
    let shown = app.run("account show Main --json").exits(0).json();
    assert_eq!(shown["validation"], "enforced");
}
