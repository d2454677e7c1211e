use switchboard_domain::configuration::{AdoptedConfiguration, Configuration, Field};
use switchboard_domain::ports::ConfigurationStore as _;
use switchboard_domain::sid::NumberSid;

use super::{NewNumber, SavedConfiguration};
use crate::fixtures::{add_account, add_agent, add_number, number, numbers, sid};
use crate::test_prelude::*;
use crate::{ManageError, remove_account};

#[tokio::test]
async fn a_number_is_added_once_and_to_an_account_that_is_known() {
    let store = Arc::new(MemoryStore::new());
    let adding = numbers(&store);
    let new = NewNumber { sender: number("+14155550100"), account: sid('1') };
    let error = adding.add(&operator(), new.clone()).await.unwrap_err();
    assert!(matches!(error, ManageError::AccountUnknown { .. }));

    add_account(&store, '1').await;
    let added = adding.add(&operator(), new.clone()).await.unwrap();
    assert!(added.assignment.is_none());
    let error = adding.add(&operator(), new).await.unwrap_err();
    assert!(matches!(error, ManageError::NumberKnown { .. }));
}

#[tokio::test]
async fn a_number_is_given_to_an_agent_and_taken_away_again() {
    let store = Arc::new(MemoryStore::new());
    add_account(&store, '1').await;
    add_number(&store, "+14155550100", '1').await;
    let agent = add_agent(&store, 1, "Sales", None).await;
    let channels = Channels::parse("voice").unwrap();
    let assignment = Some(Assignment { agent: agent.id, channels });

    let assigning = numbers(&store);
    let assigned =
        assigning.assign(&operator(), number("+14155550100"), "Sales", channels).await.unwrap();
    assert_eq!(assigned.assignment, assignment);
    let stored = NumberStore::find(store.as_ref(), &operator(), assigned.sender).await;
    assert_eq!(stored.unwrap(), Some(assigned));

    let unassigning = numbers(&store);
    assert_eq!(
        unassigning.unassign(&operator(), number("+14155550100")).await.unwrap(),
        assignment
    );
    assert_eq!(unassigning.unassign(&operator(), number("+14155550100")).await.unwrap(), None);
}

#[tokio::test]
async fn an_account_goes_after_its_last_number() {
    let store = Arc::new(MemoryStore::new());
    add_account(&store, '1').await;
    add_number(&store, "+14155550100", '1').await;
    let error = remove_account(&*store, &operator(), sid('1'), None).await.unwrap_err();
    assert!(matches!(error, ManageError::AccountInUse { .. }));

    let number = number("+14155550100");
    let numbers = numbers(&store);
    numbers.remove(&operator(), number, SavedConfiguration::Refuse).await.unwrap();
    remove_account(&*store, &operator(), sid('1'), None).await.unwrap();
    let error = numbers.remove(&operator(), number, SavedConfiguration::Refuse).await.unwrap_err();
    assert!(matches!(error, ManageError::NumberUnknown { .. }));
}

#[tokio::test]
async fn a_number_that_still_leads_here_is_removed_only_if_what_was_before_may_be_forgotten() {
    let store = Arc::new(MemoryStore::new());
    add_account(&store, '1').await;
    add_number(&store, "+14155550100", '1').await;
    let taken = AdoptedConfiguration {
        number: NumberSid::parse(&format!("PN{}", "0".repeat(32))).unwrap(),
        sender: None,
        service: None,
        before: Configuration::new().with(Field::VoiceUrl, "https://old.example.com"),
        ours: Configuration::new().with(Field::VoiceUrl, "https://ours.example.com"),
    };
    let number = number("+14155550100");
    store.take(&operator(), number, None, Some(taken)).await.unwrap();
    let numbers = numbers(&store);
    let error = numbers.remove(&operator(), number, SavedConfiguration::Refuse).await.unwrap_err();
    assert!(matches!(error, ManageError::NumberTakenOver { .. }));
    numbers.remove(&operator(), number, SavedConfiguration::Discard).await.unwrap();
}

#[tokio::test]
async fn what_is_not_known_is_told_apart() {
    let store = Arc::new(MemoryStore::new());
    add_account(&store, '1').await;
    add_number(&store, "+14155550100", '1').await;
    let assigning = numbers(&store);
    let channels = Channels::VOICE_AND_SMS;
    let error =
        assigning.assign(&operator(), number("+14155550101"), "Sales", channels).await.unwrap_err();
    assert!(matches!(error, ManageError::NumberUnknown { .. }));
    let error =
        assigning.assign(&operator(), number("+14155550100"), "Sales", channels).await.unwrap_err();
    assert!(matches!(error, ManageError::AgentUnknown { .. }));
    let error = numbers(&store).unassign(&operator(), number("+14155550101")).await.unwrap_err();
    assert!(matches!(error, ManageError::NumberUnknown { .. }));
}

#[tokio::test]
async fn a_store_that_is_away_is_not_an_unknown_number() {
    let store = Arc::new(MemoryStore::new());
    store.fail_every(Fault::Unavailable);
    let error = numbers(&store).unassign(&operator(), number("+14155550100")).await.unwrap_err();
    assert!(matches!(error, ManageError::Store { doing: "finding the number", .. }));
}
