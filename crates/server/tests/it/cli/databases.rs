use crate::prelude::*;

/// Makes the database look as if a newer program had migrated it.
const NEWER: &str = "UPDATE __diesel_schema_migrations SET version = '29990101000000' \
    WHERE version = (SELECT max(version) FROM __diesel_schema_migrations)";

/// Something that each command needs a database for.
const COMMANDS: [&[&str]; 8] = [
    &["account", "list"],
    &["agent", "add", "--name", "Sales"],
    &["agent", "show", "Sales"],
    &["number", "list"],
    &["number", "release", "+14155550100", "--yes"],
    &["import", "csv", "--numbers", "n.csv"],
    &["simulate", "voice", "--to", "+14155550100", "--from", "+14155550199"],
    &["serve"],
];

#[test]
fn a_mistyped_path_never_becomes_a_new_database() {
    let app = TestApp::at("sqlite://dta/switchboard.db");
    for command in COMMANDS {
        app.run(command).failed(
            "there is no database at dta/switchboard.db\n  help: create it with `switchboard migrate`",
        );
    }
    let doctor = app.run("doctor");
    assert!(
        doctor.code == Some(1)
            && doctor.stdout.contains("there is no database at dta/switchboard.db"),
        "{doctor:?}"
    );
    assert_eq!(std::fs::read_dir(app.folder()).unwrap().count(), 0);
}

#[test]
fn the_default_database_is_made_by_migrate_and_serve_only() {
    let app = TestApp::without_settings();
    let doctor = app.run("doctor").succeeded();
    assert!(doctor.stdout.contains("create it with `switchboard migrate`"), "{doctor:?}");
    for command in COMMANDS.iter().filter(|command| **command != ["serve"]) {
        app.run(command).failed(
            "there is no database at data/switchboard.db\n  help: create it with `switchboard migrate`",
        );
    }
    assert_eq!(std::fs::read_dir(app.folder()).unwrap().count(), 0);
    app.run("migrate").succeeded();
    app.run("agent list").succeeded();
}

#[test]
fn without_a_command_the_help_is_printed() {
    let app = TestApp::without_settings();
    let none: [&str; 0] = [];
    let shown = app.run(&none).succeeded().stdout;
    assert!(shown.contains("Usage:") && shown.contains("serve"), "{shown}");
    assert_eq!(std::fs::read_dir(app.folder()).unwrap().count(), 0);
}

#[apply(on_both_stores!)]
fn a_server_on_postgres_needs_keys_in_the_settings(store: Store) {
    let app = TestApp::migrated(store);
    if matches!(app.store, Store::Sqlite(_)) {
        return;
    }
    let refused = app.run("serve").failed("no encryption keys are set");
    assert!(!refused.stderr.contains("listening"), "{refused:?}");
    let doctor = app.run("doctor");
    assert!(
        doctor.code == Some(1) && doctor.stdout.contains("no encryption keys are set"),
        "{doctor:?}"
    );
    assert!(!app.key_file().exists());
}

#[test]
fn migrating_makes_a_database_once() {
    let app = TestApp::at("sqlite://deep/down/switchboard.db");
    assert!(app.run("migrate").succeeded().stdout.contains("migrated the database: 2"));
    assert_eq!(app.run("migrate").succeeded().stdout, "the database is up to date\n");
}

#[test]
fn a_file_of_another_kind_is_reported_and_left_alone() {
    let app = TestApp::at("sqlite://notes.txt");
    let notes = "These are notes and no database at all. ".repeat(50);
    app.write("notes.txt", &notes);
    for command in COMMANDS.iter().chain(&[["migrate"].as_slice()]) {
        app.run(command).failed(
            "notes.txt is not an SQLite database\n  help: set DATABASE_URL to another file",
        );
    }
    assert_eq!(std::fs::read_to_string(app.path("notes.txt")).unwrap(), notes);
}

#[test]
fn a_server_that_is_away_is_reported_without_the_password() {
    let app = TestApp::at("postgres://switchboard:s3cret@127.0.0.1:1/switchboard");
    for command in COMMANDS.iter().chain(&[["migrate"].as_slice()]) {
        let failed = app.run(command).failed("127.0.0.1:1/switchboard");
        assert!(!failed.stderr.contains("s3cret"), "{failed:?}");
    }
}

#[test]
fn a_password_that_is_not_encoded_is_reported_without_any_part_of_it() {
    let app = TestApp::at("postgres://u:s3cret@pw#x@127.0.0.1:1/x");
    for command in COMMANDS.iter().chain(&[["migrate"].as_slice()]) {
        let reported = app.run(command).misused(
            "DATABASE_URL cannot be used: the password has characters that must be percent-encoded",
        );
        assert!(
            !reported.stderr.contains("s3cret") && !reported.stderr.contains("pw"),
            "{reported:?}"
        );
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_named_with_the_remedy() {
    let app = TestApp::at("sqlite://notes.txt/switchboard.db");
    app.write("notes.txt", "These are notes.");
    app.run("migrate").failed("the database notes.txt/switchboard.db cannot be created");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_that_was_never_migrated_is_refused_with_the_remedy() {
    let database = throwaway_postgres::Database::empty().await;
    let app = TestApp::at(&database.url);
    for command in COMMANDS.iter().filter(|command| **command != ["serve"]) {
        app.run(command).failed("run `switchboard migrate`");
    }
}

#[test]
fn settings_that_are_wrong_are_reported_all_at_once() {
    let app = TestApp::at("mysql://root:s3cret@host/db");
    app.write("switchboard.toml", "SWITCHBOARD_LISTN = '127.0.0.1:80'\n");
    let failed = app
        .run_with("TWILIO_ACCOUNT_SID", "AC1", &["account", "list"])
        .misused("4 settings are wrong");
    for words in [
        "DATABASE_URL does not start with sqlite:// or postgres://",
        "did you mean SWITCHBOARD_LISTEN?",
        "TWILIO_ACCOUNT_SID is set without TWILIO_AUTH_TOKEN",
        "TWILIO_ACCOUNT_SID is not an account SID",
    ] {
        assert!(failed.stderr.contains(words), "{words} in {failed:?}");
    }
    assert!(!failed.stderr.contains("s3cret"));
    let doctor = app.run("doctor");
    assert!(
        doctor.code == Some(1) && doctor.stdout.contains("DATABASE_URL does not start with"),
        "{doctor:?}"
    );
}

#[test]
fn what_is_no_command_is_reported_with_what_would_be_one() {
    let app = TestApp::without_settings();
    app.run("acount list").misused("account");
    app.run("account").misused("Usage");
    for command in
        [["account", "add"], ["number", "assign"], ["import", "csv"], ["simulate", "voice"]]
    {
        let help = app.run(&[&command, ["--help"].as_slice()].concat()).succeeded().stdout;
        assert!(help.contains("Example"), "{help}");
    }
    assert!(app.run("--version").succeeded().stdout.starts_with("switchboard 0."));
    assert_eq!(std::fs::read_dir(app.folder()).unwrap().count(), 0);
}

/// The tables of a newer version are not touched.
#[apply(on_both_stores!)]
async fn a_newer_database_is_refused_with_a_sentence(store: Store) {
    let app = TestApp::migrated(store);
    app.store.execute(NEWER).await;
    for command in COMMANDS.iter().chain(&[["migrate"].as_slice()]) {
        app.run(command)
            .failed("the database is newer than this program, which does not know migration 2999");
    }
    let doctor = app.run("doctor");
    assert!(
        doctor.code == Some(1) && doctor.stdout.contains("newer than this program"),
        "{doctor:?}"
    );
}
