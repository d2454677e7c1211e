use std::sync::Arc;

use proptest::prelude::*;
use switchboard_domain::agent::Agent;
use switchboard_domain::number::{Channels, Number};
use switchboard_domain::organization::{Scope, default_organization};
use switchboard_domain::ports::{
    AccountStore, AgentStore, EarlierChatbot, EarlierDirectory, EarlierNumber, EarlierSubaccount,
    Entity, MockEarlierSystem, MockImportStore, NumberStore, StoreError,
};
use switchboard_domain::secret::Secret;
use switchboard_store_memory::MemoryStore;

use super::translation::{Here, translate};
use super::{EarlierCounts, EarlierError, ImportEarlier, MainAccountOfEarlier};
use switchboard_application_management::fixtures::{
    add_account, add_agent, add_number, clock, label, number, numbers, sealer, sid, token,
};
use switchboard_application_management::open_primary;

fn chatbot(id: &str, name: &str) -> EarlierChatbot {
    EarlierChatbot {
        id: id.to_owned(),
        name: Some(name.to_owned()),
        prompt: Some("Be brief.".to_owned()),
        voice: Some("alloy".to_owned()),
        model: None,
    }
}

fn numbered(
    phone_number: &str,
    chatbot: Option<&str>,
    subaccount: Option<(&str, &str)>,
) -> EarlierNumber {
    EarlierNumber {
        phone_number: phone_number.to_owned(),
        chatbot: chatbot.map(ToOwned::to_owned),
        subaccount: subaccount.map(|(sid, token)| EarlierSubaccount {
            sid: sid.to_owned(),
            token: Secret::new(token.to_owned()),
        }),
    }
}

fn main_account() -> MainAccountOfEarlier {
    MainAccountOfEarlier { sid: sid('1'), token: Some(token("main-token")) }
}

fn importing(store: &Arc<MemoryStore>, directory: &EarlierDirectory) -> ImportEarlier {
    let directory = directory.clone();
    let mut earlier = MockEarlierSystem::new();
    earlier.expect_read().returning(move || Ok(directory.clone()));
    ImportEarlier {
        earlier: Arc::new(earlier),
        accounts: store.clone(),
        agents: store.clone(),
        numbers: store.clone(),
        imports: store.clone(),
        sealer: sealer(),
        identifiers: clock(),
        clock: clock(),
    }
}

async fn import(
    store: &Arc<MemoryStore>,
    directory: &EarlierDirectory,
    main: Option<MainAccountOfEarlier>,
) -> Result<(EarlierCounts, Vec<String>), EarlierError> {
    let importing = importing(store, directory);
    let plan = importing.plan(&default_organization(), main).await?;
    let notes = plan.notes().iter().map(ToString::to_string).collect();
    Ok((importing.carry_out(plan).await?, notes))
}

async fn kept_agent(store: &MemoryStore, word: &str) -> Agent {
    store.named(&Scope::Operator, &label(word)).await.unwrap().remove(0)
}

async fn kept_number(store: &MemoryStore, text: &str) -> Option<Number> {
    NumberStore::find(store, &Scope::Operator, number(text)).await.unwrap()
}

fn usual() -> EarlierDirectory {
    let sub = sid('2').to_string();
    EarlierDirectory {
        chatbots: vec![chatbot("c1", "Sales"), chatbot("c2", " ")],
        numbers: vec![
            numbered("+1 (415) 555-0100", Some("c1"), None),
            numbered("+14155550101", Some("c2"), Some((&sub, "sub-token"))),
            numbered("+14155550102", None, Some((&sub, "sub-token"))),
            numbered("+14155550103", Some("gone"), None),
        ],
    }
}

#[tokio::test]
async fn chatbots_and_numbers_come_over_and_a_second_time_nothing_is_new() {
    let store = Arc::new(MemoryStore::new());
    let (counts, notes) = import(&store, &usual(), Some(main_account())).await.unwrap();
    let expected = EarlierCounts {
        accounts: 2,
        agents: 2,
        numbers: 4,
        assigned: 2,
        known_agents: 0,
        known_numbers: 0,
    };
    assert_eq!(counts, expected);
    let told = [
        "Chatbot c2, name: is empty; the id stands in for it",
        "TwilioPhoneNumber …03, chatbotId: names a chatbot that is not there; nobody answers the number until it is assigned",
    ];
    assert_eq!(notes, told);

    let sales = kept_agent(&store, "c1").await;
    assert_eq!((sales.profile.name.as_str(), sales.prompt.as_str()), ("Sales", "Be brief."));
    assert_eq!((sales.profile.voice, sales.profile.model), (Some(label("alloy")), None));
    let number = kept_number(&store, "+14155550100").await.unwrap();
    let assignment = number.assignment.unwrap();
    assert_eq!((number.account, assignment.agent), (sid('1'), sales.id));
    assert_eq!(assignment.channels, Channels::VOICE_AND_SMS);
    assert_eq!(kept_number(&store, "+14155550101").await.unwrap().account, sid('2'));
    assert_eq!(kept_number(&store, "+14155550103").await.unwrap().assignment, None);
    let sub =
        AccountStore::find(store.as_ref(), &Scope::Operator, sid('2')).await.unwrap().unwrap();
    assert_eq!((sub.parent, sub.name.as_str()), (Some(sid('1')), sid('2').as_str()));
    assert_eq!(open_primary(&sealer().keyring, &sub).unwrap().expose(), "sub-token");

    let (counts, _) = import(&store, &usual(), Some(main_account())).await.unwrap();
    let nothing = EarlierCounts { known_agents: 2, known_numbers: 4, ..EarlierCounts::default() };
    assert_eq!(counts, nothing);
}

#[tokio::test]
async fn every_value_that_cannot_be_taken_over_is_told_and_nothing_comes() {
    let sub = sid('2').to_string();
    let long = EarlierChatbot { prompt: Some("p".repeat(300_000)), ..chatbot("c1", "Sales") };
    let directory = EarlierDirectory {
        chatbots: vec![long, chatbot("", "Nobody"), chatbot("c2", "x"), chatbot(" c2", "x")],
        numbers: vec![
            numbered("4155550100", None, None),
            numbered("+14155550101", None, Some(("AC1", "t"))),
            numbered("+14155550102", None, Some((&sub, "sub-token"))),
            numbered("+14155550103", None, Some((&sub, "other-token"))),
            numbered("+14155550104", None, Some((&sid('3').to_string(), "two words"))),
            numbered("+1 415 555 0102", None, Some((&sub, "sub-token"))),
            numbered("+14155550105", None, None),
        ],
    };
    let store = Arc::new(MemoryStore::new());
    let error = import(&store, &directory, None).await.unwrap_err();
    let EarlierError::Mistakes(mistakes) = error else { panic!("{error:?}") };
    let told: Vec<_> = mistakes.0.iter().map(ToString::to_string).collect();
    let begins = [
        "Chatbot c1, prompt: is longer than 262144 bytes",
        "Chatbot , id: is empty",
        "Chatbot  c2, id: is there twice",
        "TwilioPhoneNumber …00, phoneNumber: has no country code",
        "TwilioPhoneNumber …00, subaccountSid: is empty, so the main account owns the number",
        "TwilioPhoneNumber …01, subaccountSid: is not an account SID",
        "TwilioPhoneNumber …03, subaccountAuthToken: is not the one that another number",
        "TwilioPhoneNumber …04, subaccountAuthToken: contains white space",
        "TwilioPhoneNumber …02, phoneNumber: is there twice",
        "TwilioPhoneNumber …05, subaccountSid: is not there",
    ];
    assert_eq!(told.len(), begins.len(), "{told:#?}");
    for (told, begin) in told.iter().zip(begins) {
        assert!(told.starts_with(begin), "{told}");
        let told = told.replace("for example +14155550100", "");
        assert!(!told.contains("5550") && !told.contains("two words"), "{told}");
    }
    assert!(
        AgentStore::named(store.as_ref(), &Scope::Operator, &label("c2")).await.unwrap().is_empty()
    );
}

#[tokio::test]
async fn what_is_here_stays_as_it_is_and_is_told() {
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
    assigning.assign(&Scope::Operator, number("+14155550103"), "other", channels).await.unwrap();

    let main = Some(MainAccountOfEarlier { sid: sid('1'), token: None });
    let (counts, notes) = import(&store, &usual(), main).await.unwrap();
    // The second of the chatbots and the third of the numbers are new; the first number had nobody.
    let expected = EarlierCounts {
        accounts: 0,
        agents: 1,
        numbers: 1,
        assigned: 1,
        known_agents: 1,
        known_numbers: 3,
    };
    assert_eq!(counts, expected);
    let told = [
        "Chatbot c1, name, prompt, voice: differs from the agent here, which stays as it is"
            .to_owned(),
        "Chatbot c2, name: is empty; the id stands in for it".to_owned(),
        format!(
            "TwilioPhoneNumber …01, subaccountSid: belongs to account {} there and to {} here, where it stays",
            sid('2'),
            sid('9')
        ),
        format!(
            "TwilioPhoneNumber …03, chatbotId: agent {} answers the number here, and goes on to",
            other.id
        ),
    ];
    assert_eq!(notes, told);
    assert_eq!(kept_agent(&store, "c1").await, sales);
    let answered = kept_number(&store, "+14155550100").await.unwrap().assignment.unwrap();
    assert_eq!(answered.agent, sales.id);
    assert_eq!(kept_number(&store, "+14155550101").await.unwrap().account, sid('9'));
    let sub =
        AccountStore::find(store.as_ref(), &Scope::Operator, sid('2')).await.unwrap().unwrap();
    assert_eq!(open_primary(&sealer().keyring, &sub).unwrap().expose(), "first-token");
}

#[tokio::test]
async fn a_main_account_without_a_token_has_to_be_known() {
    let store = Arc::new(MemoryStore::new());
    let main = || Some(MainAccountOfEarlier { sid: sid('1'), token: None });
    let error = import(&store, &usual(), main()).await.unwrap_err();
    assert!(matches!(error, EarlierError::MainAccountUnknown { .. }));
    // Where no number is the main account's, it is but a name.
    let sub = (&*sid('2').to_string(), "sub-token");
    let numbers = vec![numbered("+14155550100", None, Some(sub))];
    let directory = EarlierDirectory { numbers, ..EarlierDirectory::default() };
    let (counts, _) = import(&store, &directory, main()).await.unwrap();
    assert_eq!((counts.accounts, counts.numbers), (1, 1));
}

#[tokio::test]
async fn what_fails_is_told_as_a_sentence() {
    let store = Arc::new(MemoryStore::new());
    let mut earlier = MockEarlierSystem::new();
    earlier.expect_read().returning(|| Err(StoreError::timed_out("reading")));
    let importing_none =
        ImportEarlier { earlier: Arc::new(earlier), ..importing(&store, &usual()) };
    let error = importing_none.plan(&default_organization(), None).await.unwrap_err();
    assert!(matches!(error, EarlierError::Read(_)));

    let refused = async |error: fn() -> StoreError| {
        let mut imports = MockImportStore::new();
        imports.expect_import().returning(move |_| Err(error()));
        let importing = ImportEarlier { imports: Arc::new(imports), ..importing(&store, &usual()) };
        let plan = importing.plan(&default_organization(), Some(main_account())).await.unwrap();
        importing.carry_out(plan).await.unwrap_err()
    };
    let error = refused(|| StoreError::Exists { entity: Entity::Number }).await;
    assert!(matches!(error, EarlierError::OtherOrganization));
    let error = refused(|| StoreError::Missing { entity: Entity::Agent }).await;
    assert!(matches!(error, EarlierError::Removed));
    let error = refused(|| StoreError::timed_out("import")).await;
    assert!(matches!(error, EarlierError::Store { doing: "writing", .. }));
}

proptest! {
    /// Whatever stands in the tables: each row is taken over, known or told, and no remark shows a number or token.
    #[test]
    fn no_row_is_lost_without_a_word(
        ids in prop::collection::vec("\\PC{0,6}", 0..6),
        numbers in prop::collection::vec(("[+0-9() a]{0,16}", prop::option::of("\\PC{0,6}"), prop::option::of(("AC[0-9a-f]{31,32}", "[a-z ]{0,6}"))), 0..8),
    ) {
        let directory = EarlierDirectory {
            chatbots: ids.iter().map(|id| chatbot(id, "")).collect(),
            numbers: numbers
                .iter()
                .map(|(number, chatbot, sub)| {
                    let sub = sub.as_ref().map(|(sid, token)| (sid.as_str(), token.as_str()));
                    numbered(number, chatbot.as_deref(), sub)
                })
                .collect(),
        };
        let translation = translate(&directory, &Here::default(), Some(sid('1')));
        let wrong = |table: &str| {
            translation.mistakes.iter().filter(|remark| remark.table == table).count()
        };
        prop_assert_eq!(translation.agents.len() + wrong("Chatbot"), ids.len());
        prop_assert!(translation.numbers.len() + wrong("TwilioPhoneNumber") >= numbers.len());
        prop_assert_eq!(translation.numbers.len(), translation.new_numbers);
        for remark in translation.notes.iter().chain(&translation.mistakes) {
            if remark.table == "TwilioPhoneNumber" {
                prop_assert!(remark.key.chars().count() <= 3, "{}", remark);
            }
        }
    }
}
