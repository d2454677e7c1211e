use switchboard_domain::agent::{AgentState, MessageTarget, Reply, VoiceTarget};
use switchboard_domain::ports::{
    AgentStore, ImportRow, ImportRows, ImportTable, MockAccountStore, NumberFilter, RowKey,
};
use switchboard_domain::web_address::{StreamUrl, WebUrl};

use super::{ExportDirectory, Exported, Omission};
use crate::test_prelude::*;
use switchboard_application_management::fixtures::{agents, codec};
use switchboard_application_management::{AgentChange, ImportDirectory, ImportError, Problems};

pub(super) fn exporting(store: &Arc<MemoryStore>) -> ExportDirectory {
    ExportDirectory {
        accounts: store.clone(),
        agents: store.clone(),
        numbers: store.clone(),
        catalogue: store.clone(),
        consents: store.clone(),
        subscriptions: store.clone(),
        plans: store.clone(),
        codec: codec(),
    }
}

pub(super) async fn export(store: &Arc<MemoryStore>) -> Exported {
    exporting(store).export(&operator()).await.unwrap()
}

fn table<T>(file: &str, values: Vec<T>) -> ImportTable<T> {
    let rows = values.into_iter().zip(2..);
    let rows = rows.map(|(value, line)| ImportRow { key: RowKey::Line(line), value });
    ImportTable { name: file.into(), renamed: Vec::new(), rows: rows.collect() }
}

pub(super) async fn import(
    store: &Arc<MemoryStore>,
    exported: Exported,
) -> Result<(), ImportError> {
    let importing = ImportDirectory {
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
    };
    let rows = ImportRows {
        accounts: table("accounts.csv", exported.accounts),
        agents: table("agents.csv", exported.agents),
        numbers: table("numbers.csv", exported.numbers),
    };
    importing
        .import(&operator(), &default_organization(), rows, Problems::default())
        .await
        .map(drop)
}

/// Everything that is stored, as text.
async fn everything(store: &MemoryStore) -> String {
    let scope = &operator();
    let accounts = AccountStore::list(store, scope, &Page::first(100)).await.unwrap();
    let agents = AgentStore::list(store, scope, &Page::first(100)).await.unwrap();
    let prompts: Vec<_> = agents.iter().map(|agent| agent.prompt.as_str().to_owned()).collect();
    let filter = NumberFilter::default();
    let numbers = NumberStore::list(store, scope, &filter, &Page::first(100)).await.unwrap();
    format!("{accounts:?}\n{agents:?}\n{prompts:?}\n{numbers:?}")
}

/// A store with accounts, agents and numbers of every kind.
async fn filled_store() -> Arc<MemoryStore> {
    let store = Arc::new(MemoryStore::new());
    add_account(&store, '1').await;
    add_account(&store, '2').await;
    let change = AccountChange {
        parent: Edit::Set(sid('1')),
        next_token: Edit::Set(token("next")),
        ..AccountChange::default()
    };
    let changing = accounts(&store);
    changing.change(&operator(), sid('2'), change).await.unwrap();
    for (chance, name) in (1..).zip(["stream", "dial", "nameless"]) {
        let external_id = Some(name).filter(|name| *name != "nameless");
        add_agent(&store, chance, name, external_id).await;
    }
    let changing = agents(&store);
    let change = AgentChange {
        prompt: Some(switchboard_domain::agent::Prompt::parse(" a,\"b\"\r\nc ").unwrap()),
        voice: Edit::Set(label("alloy")),
        language: Edit::Set(label("en-US")),
        voice_target: Edit::Set(VoiceTarget::Stream(
            StreamUrl::parse("wss://voice.example.com/s").unwrap(),
        )),
        message_target: Edit::Set(MessageTarget::Reply(Reply::parse(" hello ").unwrap())),
        ..AgentChange::default()
    };
    changing.change(&operator(), "stream", change).await.unwrap();
    let redirect = WebUrl::parse("https://example.com/sms").unwrap();
    let change = AgentChange {
        voice_target: Edit::Set(VoiceTarget::Dial(number("+14155550199").as_number().unwrap())),
        message_target: Edit::Set(MessageTarget::Redirect(redirect)),
        state: Some(AgentState::Disabled),
        ..AgentChange::default()
    };
    changing.change(&operator(), "dial", change).await.unwrap();
    let assigning = numbers(&store);
    let rows = [
        ("+14155550100", "stream", "voice,sms"),
        ("+14155550101", "dial", "voice,whatsapp"),
        ("+14155550102", "nameless", "voice,sms"),
        ("+14155550103", "", ""),
    ];
    for (text, agent, channels) in rows {
        add_number(&store, text, '2').await;
        if let Ok(channels) = Channels::parse(channels) {
            let number = number(text);
            assigning.assign(&operator(), number, agent, channels).await.unwrap();
        }
    }
    store
}

#[tokio::test]
async fn importing_an_export_changes_nothing() {
    let store = filled_store().await;
    let before = everything(&store).await;
    import(&store, export(&store).await).await.unwrap();
    assert_eq!(everything(&store).await, before);
}

#[tokio::test]
async fn omissions_are_reported() {
    let store = filled_store().await;
    let exported = export(&store).await;
    let expected = [Omission::Accounts(vec![sid('2')])];
    assert_eq!(exported.omissions, expected);
    assert_eq!((exported.agents.len(), exported.numbers.len()), (3, 4));
    let routing = Omission::Places { plans: 2 };
    let text = "the earlier versions of 2 routing plans, and where they are attached";
    assert_eq!(routing.to_string(), text);
    assert!(exported.accounts.iter().all(|account| account.auth_token.expose().is_empty()));
}

#[tokio::test]
async fn an_import_elsewhere_needs_the_tokens() {
    let exported = export(&filled_store().await).await;
    let error = import(&Arc::new(MemoryStore::new()), exported).await.unwrap_err();
    let ImportError::Mistakes(problems) = error else { panic!("{error:?}") };
    let shown: Vec<_> = problems.shown().iter().map(ToString::to_string).collect();
    assert_eq!(shown.len(), 2);
    assert!(shown[0].starts_with("accounts.csv line 2: auth_token is empty"), "{shown:?}");
}

#[tokio::test]
async fn an_empty_store_exports_no_rows() {
    let exported = export(&Arc::new(MemoryStore::new())).await;
    assert!(exported.accounts.is_empty() && exported.omissions.is_empty());
}

#[tokio::test]
async fn an_unavailable_store_is_an_error() {
    let mut accounts = MockAccountStore::new();
    accounts.expect_list().returning(|_, _| Err(StoreError::timed_out("accounts.list")));
    let store = Arc::new(MemoryStore::new());
    let exporting = ExportDirectory { accounts: Arc::new(accounts), ..exporting(&store) };
    assert!(exporting.export(&operator()).await.is_err());
}
