use crate::fixture::{ENCRYPTION_KEY, Endpoint, Response};
use crate::prelude::*;
use std::os::unix::fs::PermissionsExt;

const ONE: &str = "one:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const TWO: &str = "two:ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";
const KEYS: &str = "SWITCHBOARD_ENCRYPTION_KEYS";

fn add(app: &TestApp, sid: &str, keys: &str) -> Finished {
    app.write("token.txt", MAIN_TOKEN);
    app.run_with(
        KEYS,
        keys,
        &["account", "add", sid, "--name", "Main", "--token-file", "token.txt", "--no-verify"],
    )
}

/// The first key seals, all keys open, and a missing key is named by its id.
#[apply(on_both_stores!)]
fn a_token_that_no_key_opens_names_the_key(store: Store) {
    let app = TestApp::migrated(store);
    add(&app, MAIN_SID, ONE).succeeded();
    add(&app, OTHER_SID, &format!("{TWO},{ONE}")).succeeded();
    let shown = app.run(&format!("account show {OTHER_SID} --json")).succeeded().json();
    assert_eq!(shown["encryption_key_id"], "two");

    let doctor = app.run_with(KEYS, TWO, &["doctor"]);
    assert_eq!(doctor.code, Some(1));
    assert!(
        doctor.stdout.contains("encrypted with key one, which is not among the encryption keys"),
        "{doctor:?}"
    );
    let doctor = app.run_with(KEYS, &format!("{TWO},{ONE}"), &["doctor"]).succeeded();
    assert!(
        doctor.stdout.contains("every token can be decrypted: 1 by one, 1 by two"),
        "{doctor:?}"
    );

    app.run("agent add --name Sales").exits(0);
    app.run(&format!("number add +14155550100 --account {MAIN_SID}")).succeeded();
    app.run_with(
        KEYS,
        TWO,
        &["simulate", "voice", "--to", "+14155550100", "--from", "+14155550199"],
    )
    .failed("encrypted with key one, which is not among the encryption keys");
}

/// Keys that open no stored token may not seal a new one, which would leave two unrelated sets of keys.
#[apply(on_both_stores!)]
fn keys_that_open_no_token_seal_none(store: Store) {
    let app = TestApp::migrated(store);
    add(&app, MAIN_SID, ONE).succeeded();
    app.write("accounts.csv", &format!("sid,name,auth_token\n{OTHER_SID},Other,{MAIN_TOKEN}\n"));
    app.write("token.txt", MAIN_TOKEN);
    let seal: [&[&str]; 4] = [
        &[
            "account",
            "add",
            OTHER_SID,
            "--name",
            "Other",
            "--token-file",
            "token.txt",
            "--no-verify",
        ],
        &["account", "set", MAIN_SID, "--token-file", "token.txt"],
        &["import", "csv", "--accounts", "accounts.csv"],
        &["serve"],
    ];
    let same_id = TWO.replace("two:", "one:");
    for command in seal {
        for (keys, given) in [(TWO, "two"), (same_id.as_str(), "one")] {
            let refused = app.run_with(KEYS, keys, command);
            assert_eq!(refused.code, Some(1), "{refused:?}");
            let words = format!(
                "the given encryption keys ({given}) decrypt none of the tokens in the database, which key one encrypted"
            );
            assert!(
                refused.stderr.contains(&words) && refused.stderr.contains(KEYS),
                "{refused:?}"
            );
        }
    }
    assert_eq!(app.run("account list --json").succeeded().list().as_array().unwrap().len(), 1);
    app.run_with(KEYS, ONE, &["doctor"]).succeeded();
    app.run_with(KEYS, &format!("{TWO},{ONE}"), seal[0]).succeeded();
}

/// The key file of another installation is recognized by the id of its key.
#[apply(on_both_stores!)]
fn a_key_file_of_another_machine_is_distinguished(store: Store) {
    let app = TestApp::migrated(store);
    let other = TestApp::without_settings();
    other.run("migrate").succeeded();
    for app in [&app, &other] {
        app.add_account(MAIN_SID);
    }
    let path = &app.key_file();
    let ours = app.run(&format!("account show {MAIN_SID} --json")).succeeded().json();
    std::fs::copy(other.key_file(), path).unwrap();
    let words = format!(
        "encrypted with key {}, which is not among the encryption keys",
        ours["encryption_key_id"].as_str().unwrap()
    );
    app.run_reading(
        MAIN_TOKEN,
        &["account", "add", OTHER_SID, "--name", "Other", "--token-file", "-"],
    )
    .failed(&words);
}

/// Keys that are not set are generated once, into a file with mode 600, and never replaced.
#[apply(on_both_stores!)]
fn keys_are_made_once_and_kept_in_a_file_of_ours_alone(store: Store) {
    let app = TestApp::migrated(store);
    app.add_account(MAIN_SID);
    let path = &app.key_file();
    assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    let keys = std::fs::read_to_string(path).unwrap();
    app.add_account(OTHER_SID);
    assert_eq!(std::fs::read_to_string(path).unwrap(), keys);

    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let set = ["account", "set", MAIN_SID, "--token-file", "-"];
    let refused = app.run_reading(MAIN_TOKEN, &set).failed("can be read by other users");
    assert!(refused.stderr.contains("help: run `chmod 600"), "{refused:?}");
    assert!(!refused.stderr.contains(keys.trim()));
    let doctor = app.run("doctor");
    assert!(
        doctor.code == Some(1) && doctor.stdout.contains("can be read by other users"),
        "{doctor:?}"
    );

    std::fs::remove_file(path).unwrap();
    app.run_reading(MAIN_TOKEN, &set)
        .failed("the database contains encrypted tokens, but the encryption key file");
    assert!(!path.exists());
    std::fs::write(path, "k1:nonsense\n").unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
    let refused = app.run_reading(MAIN_TOKEN, &set).failed("cannot be used");
    assert!(!refused.stderr.contains("nonsense"));
}

#[tokio::test(flavor = "multi_thread")]
async fn database_files_are_private_and_doctor_warns_about_those_that_are_not() {
    let app = TestApp::seeded(Store::sqlite());
    let url = app.store.url();
    let path = Path::new(url.strip_prefix("sqlite://").unwrap());
    let beside = |suffix: &str| PathBuf::from(format!("{}{suffix}", path.display()));
    let server = app.serve().await;
    for file in [beside(""), beside("-wal"), beside("-shm")] {
        let mode = std::fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", file.display());
    }
    assert!(!app.run("doctor").stdout.contains("can be read by other users"));
    drop(server);
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let warned = app.run("doctor").stdout;
    assert!(warned.contains(&format!("chmod 600 {}", path.display())), "{warned}");
    let server = app.serve().await;
    assert!(server.log().iter().any(|line| line.contains("can be read by other users")));
}

/// How many secrets of each column the keys encrypt.
fn encrypted_by(app: &TestApp, key: &str) -> Value {
    let report = app.run("keys rotate --dry-run --json").succeeded().json();
    let mut keys = report["keys"].as_array().unwrap().iter();
    keys.find(|one| one["id"] == key).map_or(Value::Null, |one| one["columns"].clone())
}

/// Every secret is encrypted with the new key while a server runs, and the old key is not needed any more.
#[apply(on_both_stores!)]
async fn a_rotated_installation_works_without_the_old_key(store: Store) {
    let model = Endpoint::answering(|_| {
        let answer = json!({"choices": [{"message": {"role": "assistant", "content": "Hello"}}]});
        Response::of("application/json", &answer.to_string())
    })
    .await;
    let events = Endpoint::answering(|_| Response::of("text/plain", "thank you")).await;
    let mut app = TestApp::seeded(store);
    app.write("key.txt", "sk-model");
    let chat = format!("--chat-model m --chat-url {} --chat-key-file key.txt", model.url);
    app.run(&format!("agent set sales {chat}")).succeeded();
    app.run("agent add --name Hook --message-webhook http://127.0.0.1:9/hook").succeeded();
    let subscribe =
        format!("subscription add --url {} --types message.received --json", events.url);
    let secret = app.run(&subscribe).succeeded().json()["secret"].as_str().unwrap().to_owned();
    let before = encrypted_by(&app, "k1");
    for column in [
        "accounts.sealed_token",
        "agent_secrets.sealed",
        "chat_keys.sealed",
        "subscription_secrets.sealed",
    ] {
        assert!(before[column].as_u64() > Some(0), "{column} of {before}");
    }
    let total: u64 =
        before.as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();

    let old = format!("k1:{ENCRYPTION_KEY}");
    app.set(KEYS, &format!("{TWO},{old}"));
    let doctor = app.run("doctor");
    let expected = format!("{total} secrets encrypted with an older key (k1)");
    assert!(doctor.stdout.contains(&expected), "{doctor:?}");
    let mut server = app.serve().await;
    let dry = app.run("keys rotate --dry-run --json").succeeded().json();
    assert_eq!(dry["rotated"], total);
    assert_eq!(encrypted_by(&app, "k1"), before);
    let rotated = app.run("keys rotate --json").succeeded().json();
    assert_eq!((&rotated["rotated"], &rotated["unused"]), (&json!(total), &json!(["k1"])));
    server.send(&Webhook::call(MAIN, SALES, &sid("CA", 1))).await.twiml();
    assert_eq!(encrypted_by(&app, "two"), before);
    app.run("keys rotate").succeeded().shows(&[
        "encrypted 0 secrets with the first key",
        &format!("key two, the first key: {total} secrets"),
        "removable a day after every server has the first key: k1",
    ]);
    server.kill();

    app.set(KEYS, TWO);
    let doctor = app.run("doctor");
    assert!(!doctor.stdout.contains("older key"), "{doctor:?}");
    let server = app.serve().await;
    server.send(&Webhook::call(MAIN, SALES, &sid("CA", 2))).await.twiml();
    let reply = server.send(&Webhook::message(MAIN, SALES, &sid("SM", 1), "Hello?")).await;
    assert!(reply.text().contains("Hello"), "{}", reply.text());
    let asked = model.receives(1).await;
    assert_eq!(asked[0].headers["authorization"], "Bearer sk-model");
    events.receives(1).await[0].assert_signed_with(&secret);
}

/// A secret that no key decrypts is named, and the others are encrypted again.
#[apply(on_both_stores!)]
fn a_secret_that_cannot_be_decrypted_stops_no_other(store: Store) {
    const THREE: &str = "three:YWJjZGVmZ2hpamtsbW5vcGFiY2RlZmdoaWprbG1ub3A=";
    let app = TestApp::migrated(store);
    for (account, key) in [(MAIN_SID, ONE), (OTHER_SID, &format!("{THREE},{ONE}"))] {
        add(&app, account, key).succeeded();
    }
    let keys = format!("{TWO},{ONE}");
    let rotated = app.run_with(KEYS, &keys, &["keys", "rotate", "--json"]);
    assert_eq!(rotated.code, Some(1), "{rotated:?}");
    let report = rotated.json();
    assert_eq!((&report["rotated"], &report["unreadable"]), (&json!(1), &json!(1)));
    let named = report["unreadable_secrets"][0].as_str().unwrap();
    let expected = format!(
        "accounts.sealed_token of {OTHER_SID} is encrypted with key three, which is not among the encryption keys"
    );
    assert_eq!(named, expected);
    let text = app.run_with(KEYS, &keys, &["keys", "rotate"]);
    assert!(text.stdout.contains(&format!("not readable: {expected}")), "{text:?}");
    assert!(text.stdout.contains("key three, which is not among the encryption keys: 1 secret"));
    app.run_with(KEYS, &format!("{TWO},{THREE}"), &["keys", "rotate"]).succeeded();
    app.run_with(KEYS, TWO, &["doctor"]).succeeded();
}
