use crate::prelude::*;

const CSV: [&str; 8] =
    ["import", "csv", "--accounts", "a.csv", "--agents", "b.csv", "--numbers", "c.csv"];

/// The import is idempotent.
#[apply(on_both_stores!)]
fn files_are_imported_and_imported_again(store: Store) {
    let app = TestApp::migrated(store);
    app.write("a.csv", &format!("sid,name,auth_token,parent_sid\n{MAIN_SID},Main,{MAIN_TOKEN},\n"));
    app.write("b.csv", "external_id,name,prompt,voice,model,language,stream_url,reply\r\nsales,Sales,\"Be brief,\nbe kind.\",,,,wss://voice.example.com,Hello\r\n");
    app.write("c.csv", &format!("phone_number,account_sid,agent_external_id\n+1 (415) 555-0100,{MAIN_SID},sales\n+14155550101,{MAIN_SID},\n"));
    let counts = serde_json::json!({"accounts": 1, "agents": 1, "numbers": 2});
    let report = app.run(&[CSV.as_slice(), &["--json"]].concat()).succeeded().json();
    assert_eq!(report["new"], counts);
    let numbers = [&report["accounts"], &report["agents"], &report["numbers"]];
    assert_eq!(numbers, [&json!(1), &json!(1), &json!(2)]);
    let again = app.run(&CSV).succeeded().stdout;
    assert!(again.starts_with("imported 0 accounts, 0 agents and 0 numbers in "), "{again}");
    assert!(again.contains("unchanged: 1 account, 1 agent and 2 numbers"), "{again}");

    let list = app.run("number list --json").succeeded().list();
    assert_eq!((list.as_array().unwrap().len(), &list[0]["agent_name"]), (2, &"Sales".into()));
    assert_eq!(list[1]["agent_id"], serde_json::Value::Null);
    assert_eq!(
        app.run("agent show sales --json").succeeded().json()["prompt"],
        "Be brief,\nbe kind."
    );
    // Some of the files are enough.
    app.write("d.csv", &format!("phone_number,account_sid\n{SALES},{MAIN_SID}\n"));
    app.run("import csv --numbers d.csv").succeeded();
    assert_eq!(
        app.run(&format!("number show {SALES} --json")).succeeded().json()["agent_id"],
        serde_json::Value::Null
    );
}

/// Every mistake is reported by file and line, and nothing is imported.
#[apply(on_both_stores!)]
fn one_mistake_keeps_everything_out(store: Store) {
    let app = TestApp::migrated(store);
    app.write("a.csv", &format!("sid,name,auth_token\n{MAIN_SID},Main,{MAIN_TOKEN}\n{MAIN_SID},Again,{MAIN_TOKEN}\nAC1,,{MAIN_TOKEN} {MAIN_TOKEN}\n"));
    app.write("b.csv", "external_id,name,stream_url\nsales,Sales,https://voice.example.com\nx\n");
    app.write("c.csv", &format!("phone_number,account_sid,agent_external_id\n4155550100,{MAIN_SID},sales\n+14155550101,{MAIN_SID},nobody\n"));
    let refused = app.run(&CSV).failed("nothing was imported: 8 mistakes");
    for line in [
        "b.csv line 3: has 1 cell instead of 3",
        "a.csv line 3: sid is the same as on line 2",
        "a.csv line 4: sid is not an account SID",
        "a.csv line 4: name is empty",
        "a.csv line 4: auth_token contains white space",
        "b.csv line 2: stream_url must start with wss://",
        "c.csv line 2: phone_number has no country code",
        "c.csv line 3: no agent has the external id \"nobody\"",
    ] {
        assert!(refused.stderr.contains(line), "{line} in {}", refused.stderr);
    }
    assert_eq!(app.run("account list --json").succeeded().list(), serde_json::json!([]));
}

/// Unreadable files are reported as well.
#[apply(on_both_stores!)]
fn files_that_cannot_be_read_are_refused(store: Store) {
    let app = TestApp::migrated(store);
    app.run("import csv").misused("no file to import");
    app.run("import csv --numbers gone.csv").failed("gone.csv: cannot be read");
    app.write("head.csv", "phone,account_sid\n");
    let refused = app
        .run("import csv --numbers head.csv")
        .failed("head.csv line 1: column 1 (phone) is not one of");
    assert!(refused.stderr.contains("head.csv line 1: has no column phone_number"), "{refused:?}");
    app.write("empty.csv", "");
    app.run("import csv --numbers empty.csv").failed("has no column phone_number");
}

/// A hundred thousand numbers are imported and listed within a minute by an unoptimized build.
#[apply(on_both_stores!)]
fn many_numbers_are_imported_and_listed(store: Store) {
    let app = TestApp::migrated(store);
    let mut accounts = "sid,name,auth_token\n".to_owned();
    for account in 0..50 {
        writeln!(accounts, "AC{account:032x},Account {account},{MAIN_TOKEN}").unwrap();
    }
    let mut numbers = "phone_number,account_sid\n".to_owned();
    for number in 0..100_000 {
        writeln!(numbers, "+1415{},AC{:032x}", 5_000_000 + number, number % 50).unwrap();
    }
    app.write("a.csv", &accounts);
    app.write("c.csv", &numbers);
    let started = Instant::now();
    app.run("import csv --accounts a.csv --numbers c.csv").succeeded();
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
    let list = app.run("number list").succeeded().stdout;
    assert_eq!(list.lines().count(), 100_001);
    assert!(list.lines().skip(1).all(|line| line.starts_with("+1415") && line.contains("  AC")));
    let own = app
        .run(&["number", "list", "--json", "--account", &format!("AC{:032x}", 7)])
        .succeeded()
        .list();
    assert_eq!(own.as_array().unwrap().len(), 2_000);
}
