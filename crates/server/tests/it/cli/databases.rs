use crate::cli::house::{House, on_both_stores};

/// Something that each command needs a database for.
const COMMANDS: [&[&str]; 8] = [
    &["account", "list"],
    &["agent", "add", "--name", "Sales"],
    &["agent", "show", "Sales"],
    &["number", "list"],
    &["number", "release", "+14155550100"],
    &["import", "csv", "--numbers", "n.csv"],
    &["simulate", "voice", "--to", "+14155550100", "--from", "+14155550199"],
    &["serve"],
];

#[test]
fn a_mistyped_path_never_becomes_a_new_database() {
    let house = House::at("sqlite://dta/switchboard.db");
    for command in COMMANDS {
        house.run(command).failed(
            "there is no database at dta/switchboard.db; run `switchboard migrate` to make it",
        );
    }
    let doctor = house.run(&["doctor"]);
    assert!(
        doctor.code == 1 && doctor.stdout.contains("there is no database at dta/switchboard.db"),
        "{doctor:?}"
    );
    assert_eq!(std::fs::read_dir(house.folder.path()).unwrap().count(), 0);
}

#[test]
fn the_default_database_is_made_by_whichever_command_comes_first() {
    let house = House::empty();
    let doctor = house.run(&["doctor"]).succeeded();
    assert!(doctor.stdout.contains("the first command makes it"), "{doctor:?}");
    assert!(!house.path("data").exists());
    house.run(&["agent", "list"]).succeeded();
    assert!(house.path("data/switchboard.db").exists());
}

#[test]
fn migrating_makes_a_database_once() {
    let house = House::at("sqlite://deep/down/switchboard.db");
    assert!(house.run(&["migrate"]).succeeded().stdout.contains("migrations run: 2"));
    assert_eq!(house.run(&["migrate"]).succeeded().stdout, "the database was up to date already\n");
}

#[test]
fn a_file_of_another_kind_is_told_and_left_alone() {
    let house = House::at("sqlite://notes.txt");
    let notes = "These are notes and no database at all. ".repeat(50);
    house.write("notes.txt", &notes);
    for command in COMMANDS.iter().chain(&[["migrate"].as_slice()]) {
        house.run(command).failed("notes.txt is not an SQLite database; name another file");
    }
    assert_eq!(std::fs::read_to_string(house.path("notes.txt")).unwrap(), notes);
}

#[test]
fn a_server_that_is_away_is_told_without_the_password() {
    let house = House::at("postgres://switchboard:s3cret@127.0.0.1:1/switchboard");
    for command in COMMANDS.iter().chain(&[["migrate"].as_slice()]) {
        let failed = house.run(command).failed("127.0.0.1/switchboard");
        assert!(!failed.stderr.contains("s3cret"), "{failed:?}");
    }
}

#[test]
fn a_password_that_is_not_encoded_is_told_without_any_part_of_it() {
    let house = House::at("postgres://u:s3cret@pw#x@127.0.0.1:1/x");
    for command in COMMANDS.iter().chain(&[["migrate"].as_slice()]) {
        let told = house.run(command).misused(
            "DATABASE_URL cannot be used: the password has characters that must be percent-encoded",
        );
        assert!(!told.stderr.contains("s3cret") && !told.stderr.contains("pw"), "{told:?}");
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_named_with_the_remedy() {
    let house = House::at("sqlite://notes.txt/switchboard.db");
    house.write("notes.txt", "These are notes.");
    house
        .run(&["migrate"])
        .failed("the database notes.txt/switchboard.db cannot be made; make its folder");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_that_was_never_migrated_is_refused_with_the_remedy() {
    let database = throwaway_postgres::Database::empty().await;
    let house = House::at(&database.url);
    for command in COMMANDS.iter().filter(|command| **command != ["serve"]) {
        house.run(command).failed("run `switchboard migrate`");
    }
}

#[test]
fn settings_that_are_wrong_are_told_all_at_once() {
    let house = House::at("mysql://root:s3cret@host/db");
    house.write("switchboard.toml", "SWITCHBOARD_LISTN = '127.0.0.1:80'\n");
    let failed = house
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
    let doctor = house.run(&["doctor"]);
    assert!(
        doctor.code == 1 && doctor.stdout.contains("DATABASE_URL does not start with"),
        "{doctor:?}"
    );
}

#[test]
fn what_is_no_command_is_told_with_what_would_be_one() {
    let house = House::empty();
    house.run(&["acount", "list"]).misused("account");
    house.run(&["account"]).misused("Usage");
    for command in
        [["account", "add"], ["number", "assign"], ["import", "csv"], ["simulate", "voice"]]
    {
        let help = house.run(&[&command, ["--help"].as_slice()].concat()).succeeded().stdout;
        assert!(help.contains("Example"), "{help}");
    }
    assert!(house.run(&["--version"]).succeeded().stdout.starts_with("switchboard 0."));
    assert_eq!(std::fs::read_dir(house.folder.path()).unwrap().count(), 0);
}

on_both_stores! {
    /// A newer program's tables are left alone.
    fn a_newer_database_is_refused_with_a_sentence(house: &House) {
        house.pretend_newer();
        for command in COMMANDS.iter().chain(&[["migrate"].as_slice()]) {
            house.run(command).failed("the database is newer than this program, which does not know migration 2999");
        }
        let doctor = house.run(&["doctor"]);
        assert!(doctor.code == 1 && doctor.stdout.contains("newer than this program"), "{doctor:?}");
    }
}
