use switchboard_domain::agent::Agent;
use switchboard_domain::number::Number;
use switchboard_domain::ports::{AccountRow, ImportCounts};

use super::{ImportDirectory, ImportError, Problems};
use crate::fixtures::{
    accounts, add_account, add_agent, add_number, agents, clock, codec, label, number, numbers,
    sealer, sid,
};
use crate::test_prelude::*;
use crate::{AccountChange, AgentChange, Edit, open_next, open_primary};

pub(super) fn importing(store: &Arc<MemoryStore>) -> ImportDirectory {
    ImportDirectory {
        accounts: store.clone(),
        agents: store.clone(),
        numbers: store.clone(),
        configurations: store.clone(),
        catalogue: store.clone(),
        codec: codec(),
        imports: store.clone(),
        sealer: sealer(),
        identifiers: clock(),
        clock: clock(),
    }
}

async fn import(store: &Arc<MemoryStore>, rows: ImportRows) -> Result<ImportCounts, ImportError> {
    importing(store).import(&operator(), &default_organization(), rows, Problems::default()).await
}

/// Rows from line 2 on, because the first line of a file has the names of the columns.
fn table<T>(file: &str, values: impl IntoIterator<Item = T>) -> ImportTable<T> {
    let rows = values.into_iter().zip(2..);
    let rows = rows.map(|(value, line)| ImportRow { key: RowKey::Line(line), value });
    ImportTable { name: file.into(), renamed: Vec::new(), rows: rows.collect() }
}

fn account(digit: char, token: &str) -> AccountRow {
    AccountRow {
        sid: sid(digit).to_string(),
        name: "Main".to_owned(),
        auth_token: Secret::new(token.to_owned()),
        parent_sid: String::new(),
        region: None,
    }
}

fn agent(external_id: &str) -> AgentRow {
    AgentRow {
        external_id: external_id.to_owned(),
        name: "Sales".to_owned(),
        ..AgentRow::default()
    }
}

fn numbered(phone_number: &str, account: char, agent: &str) -> NumberRow {
    NumberRow {
        phone_number: phone_number.to_owned(),
        account_sid: Some(sid(account).to_string()),
        account_token: None,
        agent_external_id: agent.to_owned(),
        ..NumberRow::default()
    }
}

fn rows(accounts: Vec<AccountRow>, agents: Vec<AgentRow>, numbers: Vec<NumberRow>) -> ImportRows {
    ImportRows {
        accounts: table("a.csv", accounts),
        agents: table("b.csv", agents),
        numbers: table("c.csv", numbers),
    }
}

async fn stored_account(store: &MemoryStore, digit: char) -> Account {
    AccountStore::find(store, &operator(), sid(digit)).await.unwrap().unwrap()
}

pub(super) async fn stored_agent(store: &MemoryStore, word: &str) -> Agent {
    store.named(&operator(), &label(word)).await.unwrap().remove(0)
}

pub(super) async fn stored_number(store: &MemoryStore, text: &str) -> Option<Number> {
    NumberStore::find(store, &operator(), number(text)).await.unwrap()
}

#[tokio::test]
async fn accounts_agents_and_numbers_are_imported_together() {
    let store = Arc::new(MemoryStore::new());
    let sales = AgentRow {
        stream_url: "wss://voice.example.com/s".to_owned(),
        prompt: "Be brief.".to_owned(),
        ..agent("sales")
    };
    let numbers =
        vec![numbered("+1 (415) 555-0100", '1', "sales"), numbered("+14155550101", '1', "")];
    let counts =
        import(&store, rows(vec![account('1', "deadbeef")], vec![sales], numbers)).await.unwrap();
    assert_eq!(counts, ImportCounts { accounts: 1, agents: 1, numbers: 2 });

    assert_eq!(
        open_primary(&sealer().keyring, &stored_account(&store, '1').await).unwrap().expose(),
        "deadbeef"
    );
    let agent = stored_agent(&store, "sales").await;
    assert_eq!(agent.prompt.as_str(), "Be brief.");
    assert!(matches!(agent.profile.voice_target, Some(VoiceTarget::Stream(_))));
    let assignment = Assignment { agent: agent.id, channels: Channels::VOICE_AND_SMS };
    assert_eq!(stored_number(&store, "+14155550100").await.unwrap().assignment, Some(assignment));
    assert_eq!(stored_number(&store, "+14155550101").await.unwrap().assignment, None);
}

#[tokio::test]
async fn accounts_of_one_file_do_not_belong_to_each_other() {
    let store = Arc::new(MemoryStore::new());
    let below = |sid_digit, parent: char| AccountRow {
        parent_sid: sid(parent).to_string(),
        ..account(sid_digit, "deadbeef")
    };
    let import = async |accounts| {
        let rows = rows(accounts, vec![], vec![]);
        importing(&store)
            .import(&operator(), &default_organization(), rows, Problems::default())
            .await
    };
    let circle = vec![below('1', '3'), below('2', '1'), below('3', '2')];
    let error = import(circle).await.unwrap_err();
    let ImportError::Mistakes(problems) = error else { panic!("{error:?}") };
    assert_eq!(problems.count(), 3, "{problems}");
    assert!(problems.to_string().contains("a.csv line 3: parent_sid is the account itself or"));
    import(vec![account('1', "deadbeef"), below('2', '1'), below('3', '2')]).await.unwrap();
    // With what is stored.
    let error = import(vec![below('1', '3')]).await.unwrap_err();
    assert!(matches!(error, ImportError::Mistakes(_)), "{error:?}");
    import(vec![below('1', '3'), below('2', '9')]).await.unwrap();
}

#[tokio::test]
async fn every_mistake_is_reported_by_file_and_line_and_nothing_is_changed() {
    let store = Arc::new(MemoryStore::new());
    let bad_account = AccountRow { name: " ".to_owned(), ..account('1', "two words") };
    let own_parent = AccountRow { parent_sid: sid('2').to_string(), ..account('2', "deadbeef") };
    let no_sid = AccountRow { sid: "AC12".to_owned(), ..account('3', "deadbeef") };
    let bad_agent = AgentRow {
        stream_url: "https://a.example.com".to_owned(),
        reply: "&".repeat(1_601),
        ..agent("")
    };
    let import_rows = rows(
        vec![bad_account, own_parent, no_sid, account('2', "deadbeef")],
        vec![bad_agent, agent("sales"), agent("sales")],
        vec![
            numbered("4155550100", '1', "sales"),
            numbered("+14155550101", '8', "nobody"),
            numbered("+1 415 555 0102", '2', ""),
            numbered("+14155550102", '2', ""),
        ],
    );
    let mut problems = Problems::default();
    problems.push_file(&"c.csv".into(), Some(9), "is not UTF-8");
    let error = importing(&store)
        .import(&operator(), &default_organization(), import_rows, problems)
        .await
        .unwrap_err();
    let ImportError::Mistakes(problems) = error else { panic!("{error:?}") };
    let shown: Vec<String> = problems.shown().iter().map(ToString::to_string).collect();
    let unknown_account =
        format!("c.csv line 3: account {} is neither in the files nor known here", sid('8'));
    let expected = [
        "a.csv line 2: name is empty",
        "a.csv line 2: auth_token contains white space or another character that auth tokens never contain; is it the right file?",
        "a.csv line 3: parent_sid is the account itself or one below it; name the account that owns it, or none",
        "a.csv line 4: sid is not an account SID: expected AC followed by 32 hexadecimal digits",
        "a.csv line 5: sid is the same as on line 3; keep one of them",
        "b.csv line 2: external_id is empty",
        "b.csv line 2: stream_url must start with wss://",
        "b.csv line 2: reply is longer than 1600 characters",
        "b.csv line 4: external_id is the same as on line 3; keep one of them",
        "c.csv line 2: phone_number has no country code; start with a plus, for example +14155550100",
        &unknown_account,
        "c.csv line 3: no agent has the external id \"nobody\", neither in the files nor here",
        "c.csv line 5: phone_number is the same as on line 4; keep one of them",
        "c.csv line 9: is not UTF-8",
    ];
    assert_eq!(shown, expected);
    assert!(!problems.to_string().contains("two words"));
    assert!(AccountStore::find(store.as_ref(), &operator(), sid('2')).await.unwrap().is_none());
}

#[tokio::test]
async fn numbers_may_refer_to_stored_accounts_and_agents() {
    let store = Arc::new(MemoryStore::new());
    add_account(&store, '1').await;
    add_agent(&store, 1, "Sales", Some("sales")).await;
    let import_rows = rows(vec![], vec![], vec![numbered("+14155550100", '1', "sales")]);
    assert_eq!(import(&store, import_rows).await.unwrap().numbers, 1);
}

#[tokio::test]
async fn values_without_a_column_stay_as_they_are() {
    let store = Arc::new(MemoryStore::new());
    add_account(&store, '1').await;
    add_number(&store, "+14155550100", '1').await;
    let before = add_agent(&store, 1, "Sales", Some("sales")).await;
    let next = AccountChange {
        next_token: Edit::Set(super::super::fixtures::token("next")),
        ..AccountChange::default()
    };
    let changing = accounts(&store);
    changing.change(&operator(), sid('1'), next).await.unwrap();
    let dialed = AgentChange {
        voice_target: Edit::Set(VoiceTarget::Dial(number("+14155550123").as_number().unwrap())),
        state: Some(AgentState::Disabled),
        ..AgentChange::default()
    };
    agents(&store).change(&operator(), "sales", dialed).await.unwrap();
    let channels = Channels::parse("voice,whatsapp").unwrap();
    let assigning = numbers(&store);
    assigning.assign(&operator(), number("+14155550100"), "sales", channels).await.unwrap();

    let import_rows = rows(
        vec![account('1', "new")],
        vec![agent("sales")],
        vec![numbered("+14155550100", '1', "sales")],
    );
    import(&store, import_rows).await.unwrap();

    let account = stored_account(&store, '1').await;
    assert_eq!(open_primary(&sealer().keyring, &account).unwrap().expose(), "new");
    assert_eq!(open_next(&sealer().keyring, &account).unwrap().unwrap().expose(), "next");
    let after = stored_agent(&store, "sales").await;
    assert_eq!((after.id, after.profile.state), (before.id, AgentState::Disabled));
    assert!(matches!(after.profile.voice_target, Some(VoiceTarget::Dial(_))));
    // The column exists and its cell is empty, so the reply is removed.
    assert_eq!(after.profile.message_target, None);
    let number = stored_number(&store, "+14155550100").await.unwrap();
    assert_eq!(number.assignment.unwrap().channels, channels);
}

#[tokio::test]
async fn each_store_error_becomes_an_import_error() {
    let import_error = |error: fn() -> StoreError| async move {
        let store = Arc::new(MemoryStore::new());
        store.fail_next("import", 1, Fault::Error(error));
        let importing = importing(&store);
        let import_rows = rows(vec![account('1', "deadbeef")], vec![], vec![]);
        importing
            .import(&operator(), &default_organization(), import_rows, Problems::default())
            .await
            .unwrap_err()
    };
    let error = import_error(|| StoreError::Exists { entity: Entity::Account }).await;
    assert!(matches!(error, ImportError::OtherOrganization));
    assert_eq!(error.retry(), Retry::Never);
    let error = import_error(|| StoreError::Missing { entity: Entity::Agent }).await;
    assert!(matches!(error, ImportError::Removed));
    let error = import_error(|| StoreError::timed_out("import")).await;
    assert!(matches!(error, ImportError::Store { doing: "writing", .. }));
    assert_eq!(error.retry(), Retry::Later);
}

#[tokio::test]
async fn a_stored_account_keeps_its_token_if_the_file_has_none() {
    let store = Arc::new(MemoryStore::new());
    add_account(&store, '1').await;
    let before = stored_account(&store, '1').await;
    let import_rows = rows(vec![account('1', " ")], vec![], vec![]);
    assert_eq!(import(&store, import_rows).await.unwrap(), ImportCounts::default());
    assert_eq!(stored_account(&store, '1').await, before);

    let renamed = AccountRow { name: "Renamed".to_owned(), ..account('1', "") };
    let counts = import(&store, rows(vec![renamed], vec![], vec![])).await.unwrap();
    assert_eq!(counts, ImportCounts { accounts: 1, ..ImportCounts::default() });
    assert_eq!(stored_account(&store, '1').await, Account { name: label("Renamed"), ..before });
}

#[tokio::test]
async fn an_unknown_account_needs_a_token() {
    let store = Arc::new(MemoryStore::new());
    let error = import(&store, rows(vec![account('1', "")], vec![], vec![])).await.unwrap_err();
    let ImportError::Mistakes(problems) = error else { panic!("{error:?}") };
    assert_eq!(
        problems.shown()[0].to_string(),
        "a.csv line 2: auth_token is empty, and the account is not known here; only a known account keeps the token that it has"
    );
}
