//! Imports from a legacy system: stored records stay, and every row is imported or reported.

use proptest::prelude::*;
use switchboard_domain::ports::MockLegacySystem;

use super::known::Known;
use super::tests::{importing, stored_agent, stored_number};
use super::validation::Validation;
use super::{ChangedRecords, ImportError, ImportMode, ImportSummary, LegacyMainAccount, Problems};
use crate::fixtures::{
    add_account, add_agent, add_number, label, number, numbers, sealer, sid, token,
};
use crate::open_primary;
use crate::test_prelude::*;

fn chatbot(id: &str, name: &str) -> AgentRow {
    AgentRow {
        external_id: id.to_owned(),
        name: name.to_owned(),
        prompt: "Be brief.".to_owned(),
        voice: "alloy".to_owned(),
        ..AgentRow::default()
    }
}

fn numbered(
    phone_number: &str,
    chatbot: Option<&str>,
    subaccount: Option<(&str, &str)>,
) -> NumberRow {
    NumberRow {
        phone_number: phone_number.to_owned(),
        account_sid: subaccount.map(|(sid, _)| sid.to_owned()),
        account_token: subaccount.map(|(_, token)| Secret::new(token.to_owned())),
        agent_external_id: chatbot.unwrap_or_default().to_owned(),
        ..NumberRow::default()
    }
}

/// The tables as the legacy system names them.
fn rows(chatbots: Vec<AgentRow>, numbers: Vec<NumberRow>) -> ImportRows {
    let chatbots = chatbots.into_iter().map(|value| {
        let key = RowKey::of_text(&value.external_id);
        ImportRow { key, value }
    });
    let numbers = numbers.into_iter().map(|value| {
        let key = RowKey::of_phone_number(&value.phone_number);
        ImportRow { key, value }
    });
    ImportRows {
        accounts: ImportTable::default(),
        agents: ImportTable {
            name: "Chatbot".into(),
            renamed: vec![("external_id", "id".to_owned())],
            rows: chatbots.collect(),
        },
        numbers: ImportTable {
            name: "TwilioPhoneNumber".into(),
            renamed: vec![
                ("phone_number", "phoneNumber".to_owned()),
                ("account_sid", "subaccountSid".to_owned()),
                ("account_token", "subaccountAuthToken".to_owned()),
                ("agent_external_id", "chatbotId".to_owned()),
            ],
            rows: numbers.collect(),
        },
    }
}

fn legacy(rows: &ImportRows) -> MockLegacySystem {
    let rows = rows.clone();
    let mut legacy = MockLegacySystem::new();
    legacy.expect_read().returning(move || Ok(rows.clone()));
    legacy
}

fn main_account() -> LegacyMainAccount {
    LegacyMainAccount { sid: sid('1'), token: Some(token("main-token")) }
}

async fn import(
    store: &Arc<MemoryStore>,
    rows: &ImportRows,
    main: Option<LegacyMainAccount>,
) -> Result<(ImportSummary, Vec<String>), ImportError> {
    let importing = importing(store);
    let prepared = importing.prepare_legacy(&default_organization(), &legacy(rows), main).await?;
    importing.write(&operator(), &prepared).await?;
    let remarks = prepared.remarks().iter().map(ToString::to_string).collect();
    Ok((prepared.summary(), remarks))
}

fn usual() -> ImportRows {
    let sub = sid('2').to_string();
    rows(
        vec![chatbot("c1", "Sales"), chatbot("c2", " ")],
        vec![
            numbered("+1 (415) 555-0100", Some("c1"), None),
            numbered("+14155550101", Some("c2"), Some((&sub, "sub-token"))),
            numbered("+14155550102", None, Some((&sub, "sub-token"))),
            numbered("+14155550103", Some("gone"), None),
        ],
    )
}

#[tokio::test]
async fn chatbots_and_numbers_are_imported_and_a_second_import_adds_nothing() {
    let store = Arc::new(MemoryStore::new());
    let (summary, remarks) = import(&store, &usual(), Some(main_account())).await.unwrap();
    let expected = ImportSummary {
        accounts: 2,
        agents: 2,
        numbers: 4,
        assigned: 2,
        known_agents: 0,
        known_numbers: 0,
        ..ImportSummary::default()
    };
    assert_eq!(summary, expected);
    let expected_remarks = [
        "Chatbot c2, name: is empty; the id is used instead",
        "TwilioPhoneNumber …03, chatbotId: names an agent that does not exist; the number has no agent until one is assigned",
    ];
    assert_eq!(remarks, expected_remarks);

    let sales = stored_agent(&store, "c1").await;
    assert_eq!((sales.profile.name.as_str(), sales.prompt.as_str()), ("Sales", "Be brief."));
    assert_eq!((sales.profile.voice, sales.profile.model), (Some(label("alloy")), None));
    let number = stored_number(&store, "+14155550100").await.unwrap();
    let assignment = number.assignment.unwrap();
    assert_eq!((number.account, assignment.agent), (sid('1'), sales.id));
    assert_eq!(assignment.channels, Channels::VOICE_AND_SMS);
    assert_eq!(stored_number(&store, "+14155550101").await.unwrap().account, sid('2'));
    assert_eq!(stored_number(&store, "+14155550103").await.unwrap().assignment, None);
    let sub = AccountStore::find(store.as_ref(), &operator(), sid('2')).await.unwrap().unwrap();
    assert_eq!((sub.parent, sub.name.as_str()), (Some(sid('1')), sid('2').as_str()));
    assert_eq!(open_primary(&sealer().keyring, &sub).unwrap().expose(), "sub-token");

    let (summary, _) = import(&store, &usual(), Some(main_account())).await.unwrap();
    let nothing = ImportSummary { known_agents: 2, known_numbers: 4, ..ImportSummary::default() };
    assert_eq!(summary, nothing);
}

#[tokio::test]
async fn every_invalid_value_is_reported_and_nothing_is_imported() {
    let sub = sid('2').to_string();
    let long = AgentRow { prompt: "p".repeat(300_000), ..chatbot("c1", "Sales") };
    let invalid = rows(
        vec![long, chatbot("", "Nobody"), chatbot("c2", "x"), chatbot(" c2", "x")],
        vec![
            numbered("4155550100", None, None),
            numbered("+14155550101", None, Some(("AC1", "t"))),
            numbered("+14155550102", None, Some((&sub, "sub-token"))),
            numbered("+14155550103", None, Some((&sub, "other-token"))),
            numbered("+14155550104", None, Some((&sid('3').to_string(), "two words"))),
            numbered("+1 415 555 0102", None, Some((&sub, "sub-token"))),
            numbered("+14155550105", None, None),
        ],
    );
    let store = Arc::new(MemoryStore::new());
    let error = import(&store, &invalid, None).await.unwrap_err();
    let ImportError::Mistakes(problems) = error else { panic!("{error:?}") };
    let shown: Vec<_> = problems.shown().iter().map(ToString::to_string).collect();
    let begins = [
        "Chatbot c1, prompt: is longer than 262144 bytes",
        "Chatbot , id: is empty",
        "Chatbot  c2, id: is the same as in another row",
        "TwilioPhoneNumber …00, phoneNumber: has no country code",
        "TwilioPhoneNumber …00, subaccountSid: is empty, so the main account owns the number",
        "TwilioPhoneNumber …01, subaccountSid: is not an account SID",
        "TwilioPhoneNumber …03, subaccountAuthToken: differs from the token that another number",
        "TwilioPhoneNumber …04, subaccountAuthToken: contains white space",
        "TwilioPhoneNumber …02, phoneNumber: is the same as in another row",
        "TwilioPhoneNumber …05, subaccountSid: is empty",
    ];
    assert_eq!(shown.len(), begins.len(), "{shown:#?}");
    for (shown, begin) in shown.iter().zip(begins) {
        assert!(shown.starts_with(begin), "{shown}");
        let shown = shown.replace("for example +14155550100", "");
        assert!(!shown.contains("5550") && !shown.contains("two words"), "{shown}");
    }
    assert!(AgentStore::named(store.as_ref(), &operator(), &label("c2")).await.unwrap().is_empty());
}

#[tokio::test]
async fn stored_records_stay_as_they_are_and_differences_are_reported() {
    let store = Arc::new(MemoryStore::new());
    add_account(&store, '1').await;
    add_account(&store, '2').await;
    add_account(&store, '9').await;
    let sales = add_agent(&store, 1, "Renamed", Some("c1")).await;
    let other = add_agent(&store, 2, "Other", Some("other")).await;
    add_number(&store, "+14155550100", '1').await;
    add_number(&store, "+14155550101", '9').await;
    add_number(&store, "+14155550103", '1').await;
    let assigning = numbers(&store);
    let channels = Channels::VOICE_AND_SMS;
    assigning.assign(&operator(), number("+14155550103"), "other", channels).await.unwrap();

    let main = Some(LegacyMainAccount { sid: sid('1'), token: None });
    let (summary, remarks) = import(&store, &usual(), main).await.unwrap();
    // The second of the chatbots and the third of the numbers are new; the first number had no agent.
    let expected = ImportSummary {
        accounts: 0,
        agents: 1,
        numbers: 1,
        assigned: 1,
        known_agents: 1,
        known_numbers: 3,
        changed: ChangedRecords { numbers: 1, ..ChangedRecords::default() },
    };
    assert_eq!(summary, expected);
    let expected_remarks = [
        "Chatbot c1, name, prompt, voice: differs from the stored agent, which stays as it is"
            .to_owned(),
        "Chatbot c2, name: is empty; the id is used instead".to_owned(),
        format!(
            "TwilioPhoneNumber …01, subaccountSid: is account {}; the stored number belongs to {} and stays there",
            sid('2'),
            sid('9')
        ),
        format!(
            "TwilioPhoneNumber …03, chatbotId: differs: the number stays assigned to agent {}",
            other.id
        ),
    ];
    assert_eq!(remarks, expected_remarks);
    assert_eq!(stored_agent(&store, "c1").await, sales);
    let answered = stored_number(&store, "+14155550100").await.unwrap().assignment.unwrap();
    assert_eq!(answered.agent, sales.id);
    assert_eq!(stored_number(&store, "+14155550101").await.unwrap().account, sid('9'));
    let sub = AccountStore::find(store.as_ref(), &operator(), sid('2')).await.unwrap().unwrap();
    assert_eq!(open_primary(&sealer().keyring, &sub).unwrap().expose(), "first-token");
}

#[tokio::test]
async fn a_main_account_without_a_token_must_be_stored() {
    let store = Arc::new(MemoryStore::new());
    let main = || Some(LegacyMainAccount { sid: sid('1'), token: None });
    let error = import(&store, &usual(), main()).await.unwrap_err();
    assert!(matches!(error, ImportError::MainAccountUnknown { .. }));
    // If it owns no number, it is only the parent of the subaccounts.
    let sub = (&*sid('2').to_string(), "sub-token");
    let only_sub = rows(vec![], vec![numbered("+14155550100", None, Some(sub))]);
    let (summary, _) = import(&store, &only_sub, main()).await.unwrap();
    assert_eq!((summary.accounts, summary.numbers), (1, 1));
}

#[tokio::test]
async fn each_failure_becomes_an_import_error() {
    let store = Arc::new(MemoryStore::new());
    let mut unreadable = MockLegacySystem::new();
    unreadable.expect_read().returning(|| Err(StoreError::timed_out("reading")));
    let prepared =
        importing(&store).prepare_legacy(&default_organization(), &unreadable, None).await;
    let error = prepared.unwrap_err();
    assert!(matches!(error, ImportError::Legacy(_)));
    assert_eq!(error.retry(), Retry::Later);

    let import_error = async |error: fn() -> StoreError| {
        store.fail_next("import", 1, Fault::Error(error));
        let importing = importing(&store);
        let organization = default_organization();
        let prepared =
            importing.prepare_legacy(&organization, &legacy(&usual()), Some(main_account())).await;
        importing.write(&operator(), &prepared.unwrap()).await.unwrap_err()
    };
    let error = import_error(|| StoreError::Exists { entity: Entity::Number }).await;
    assert!(matches!(error, ImportError::OtherOrganization));
    let error = import_error(|| StoreError::Missing { entity: Entity::Agent }).await;
    assert!(matches!(error, ImportError::Removed));
    let error = import_error(|| StoreError::timed_out("import")).await;
    assert!(matches!(error, ImportError::Store { doing: "writing", .. }));
}

proptest! {
    /// Each row of any tables is imported, stored already or reported, and no remark shows a whole number.
    #[test]
    fn no_row_is_lost_silently(
        ids in prop::collection::vec("\\PC{0,6}", 0..6),
        numbers in prop::collection::vec(("[+0-9() a]{0,16}", prop::option::of("\\PC{0,6}"), prop::option::of(("AC[0-9a-f]{31,32}", "[a-z ]{0,6}"))), 0..8),
    ) {
        let chatbots = ids.iter().map(|id| chatbot(id, "")).collect();
        let numbered = numbers.iter().map(|(number, chatbot, sub)| {
            let sub = sub.as_ref().map(|(sid, token)| (sid.as_str(), token.as_str()));
            numbered(number, chatbot.as_deref(), sub)
        });
        let rows = rows(chatbots, numbered.collect());
        let (known, mode) = (Known::default(), ImportMode::AddOnly { main: Some(main_account()) });
        let validated = Validation::new(&known, &mode, Problems::default()).check(&rows);
        let shown = validated.problems.shown();
        prop_assert_eq!(shown.len(), validated.problems.count());
        let wrong = |table: &str| shown.iter().filter(|remark| &*remark.table == table).count();
        // A row without an id has two problems: the id, and the name that it would get from the id.
        prop_assert!(validated.agents.len() + wrong("Chatbot") >= ids.len());
        prop_assert!(validated.agents.len() <= ids.len());
        prop_assert!(validated.numbers.len() + wrong("TwilioPhoneNumber") >= numbers.len());
        prop_assert_eq!(validated.numbers.len(), validated.summary.numbers);
        for remark in validated.remarks.iter().chain(shown) {
            if &*remark.table == "TwilioPhoneNumber" {
                let Some(RowKey::Key(key)) = &remark.row else { panic!("{remark}") };
                prop_assert!(key.chars().count() <= 3, "{}", remark);
            }
        }
    }
}
