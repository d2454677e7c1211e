//! `export`: what it writes, `import csv` reads.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::adopt::rig::{Desk, MAIN, MAIN_TOKEN, SUB, SUB_TOKEN, Store, seed};

on_both_stores! {
    what_goes_out_comes_in_and_changes_nothing,
    another_installation_asks_for_the_tokens,
    files_that_are_there_are_not_written_over_unasked,
}

const IMPORT: [&str; 8] = [
    "import",
    "csv",
    "--accounts",
    "out/accounts.csv",
    "--agents",
    "out/agents.csv",
    "--numbers",
    "out/numbers.csv",
];

async fn desk(store: Store) -> Desk {
    let desk = Desk::with_main(store, &json!([])).await;
    desk.write("sub.txt", SUB_TOKEN);
    let add = [
        "account",
        "add",
        SUB,
        "--name",
        "Sub, \"2\"",
        "--parent",
        MAIN,
        "--token-file",
        "sub.txt",
    ];
    desk.run(&add).await.with(0);
    desk.write("prompt.txt", "Be brief,\r\nbe \"kind\".\n");
    let agent = [
        "agent",
        "add",
        "--name",
        "Sales",
        "--external-id",
        "sales",
        "--prompt-file",
        "prompt.txt",
    ];
    let targets = ["--stream-url", "wss://voice.example.com/s", "--reply", " Hello, "];
    desk.run(&[&agent[..], &targets].concat()).await.with(0);
    let dialling =
        ["agent", "add", "--name", "Dialled", "--external-id", "dialled", "--dial", "+14155550199"];
    desk.run(&dialling).await.with(0);
    for number in ["+14155550100", "+14155550101"] {
        desk.run(&["number", "add", number, "--account", SUB]).await.with(0);
    }
    desk
}

/// Everything that the lists tell.
async fn everything(desk: &Desk) -> Vec<Value> {
    let mut all = Vec::new();
    for list in ["account", "agent", "number"] {
        all.push(desk.run(&[list, "list", "--json"]).await.with(0).json());
    }
    for agent in ["sales", "dialled"] {
        all.push(desk.run(&["agent", "show", agent, "--json"]).await.with(0).json());
    }
    all
}

fn files(desk: &Desk) -> BTreeMap<String, String> {
    let files = std::fs::read_dir(desk.folder.path().join("out")).unwrap().map(Result::unwrap);
    let text = |entry: std::fs::DirEntry| {
        let name = entry.file_name().into_string().unwrap();
        (name, std::fs::read_to_string(entry.path()).unwrap())
    };
    files.map(text).collect()
}

async fn what_goes_out_comes_in_and_changes_nothing(store: Store) {
    let desk = desk(store).await;
    let assign = ["number", "assign", "+14155550100", "--agent", "sales", "--channels", "voice"];
    // Nobody is at the phone company, which is no obstacle to who answers here.
    desk.run(&assign).await;
    let before = everything(&desk).await;
    let exported = desk.run(&["export", "--to", "out"]).await.with(0).tells(&[
        "exported 2 accounts, 2 agents and 2 numbers to out",
        "not in the files: how calls or messages reach 1 agents, which is neither a stream nor a reply: dialled",
        "not in the files: that 1 numbers are answered on other channels than voice,sms",
    ]);
    assert_eq!(exported.stderr.lines().count(), 2);
    let written = files(&desk);
    assert_eq!(written.keys().collect::<Vec<_>>(), ["accounts.csv", "agents.csv", "numbers.csv"]);
    assert!(written.values().all(|text| !text.contains(MAIN_TOKEN) && !text.contains(SUB_TOKEN)));

    let imported = desk.run(&[&IMPORT[..], &["--json"]].concat()).await.with(0).json();
    assert_eq!(imported, json!({"accounts": 0, "agents": 2, "numbers": 2}));
    assert_eq!(everything(&desk).await, before);
    desk.run(&["export", "--to", "out", "--force"]).await.with(0);
    assert_eq!(files(&desk), written);
}

async fn another_installation_asks_for_the_tokens(store: Store) {
    let desk = desk(store).await;
    let report = desk.run(&["export", "--to", "out", "--json"]).await.with(0).json();
    assert_eq!(report["numbers"], 2);
    let other = Desk::over(Store::sqlite(), seed(&json!([]))).await;
    let out = other.folder.path().join("out");
    std::fs::create_dir(&out).unwrap();
    for (name, text) in files(&desk) {
        std::fs::write(out.join(name), text).unwrap();
    }
    other.run(&IMPORT).await.with(1).tells(&[
        "nothing was imported: 2 mistakes in the files",
        "out/accounts.csv line 2: auth_token is empty, and the account is not known here",
    ]);
    let accounts = std::fs::read_to_string(out.join("accounts.csv")).unwrap();
    let accounts = accounts.replace(",,", &format!(",{MAIN_TOKEN},"));
    std::fs::write(out.join("accounts.csv"), accounts).unwrap();
    other.run(&IMPORT).await.with(0).tells(&["imported 2 accounts, 2 agents and 2 numbers"]);
}

async fn files_that_are_there_are_not_written_over_unasked(store: Store) {
    let desk = Desk::over(store, seed(&json!([]))).await;
    std::fs::create_dir(desk.folder.path().join("out")).unwrap();
    desk.write("out/numbers.csv", "mine");
    let refused = desk.run(&["export", "--to", "out"]).await.with(1);
    refused.tells(&[
        "out/numbers.csv is there already; name another folder, or write over it with --force",
    ]);
    assert_eq!(files(&desk), BTreeMap::from([("numbers.csv".to_owned(), "mine".to_owned())]));
    desk.run(&["export", "--to", "out", "--force"]).await.with(0);
    assert_eq!(files(&desk)["numbers.csv"], "phone_number,account_sid,agent_external_id\n");
    desk.write("file", "");
    desk.run(&["export", "--to", "file"]).await.with(1).tells(&["files cannot be written there"]);
}
