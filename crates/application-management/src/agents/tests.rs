use switchboard_domain::agent::Prompt;

use super::{AgentChange, find_agent};
use crate::fixtures::{add_account, add_agent, add_number, agents, label, number, numbers};
use crate::test_prelude::*;
use crate::{Edit, ManageError};

#[tokio::test]
async fn an_agent_is_found_by_id_then_by_external_id_then_by_name() {
    let store = Arc::new(MemoryStore::new());
    let sales = add_agent(&store, 1, "Sales", Some("sales")).await;
    let other = add_agent(&store, 2, "sales", Some("other")).await;
    let finding = agents(&store);
    for (word, expected) in
        [(sales.id.as_str(), &sales), ("Sales", &sales), (" sales ", &sales), ("other", &other)]
    {
        assert_eq!(finding.find(&operator(), word).await.unwrap().id, expected.id, "{word}");
    }
    for word in ["support", "", "agt_00000000000000000000000000"] {
        let error = finding.find(&operator(), word).await.unwrap_err();
        assert!(matches!(error, ManageError::AgentUnknown { .. }), "{word}");
    }
}

#[tokio::test]
async fn a_name_of_several_agents_lists_their_ids() {
    let store = Arc::new(MemoryStore::new());
    let one = add_agent(&store, 1, "Sales", None).await;
    let two = add_agent(&store, 2, "Sales", Some("two")).await;
    let error = agents(&store).find(&operator(), "Sales").await.unwrap_err();
    let expected = format!("2 agents are named \"Sales\": {}, {}", one.id, two.id);
    assert_eq!(error.to_string(), expected);
}

#[tokio::test]
async fn a_change_keeps_what_it_does_not_name() {
    let store = Arc::new(MemoryStore::new());
    let before = add_agent(&store, 1, "Sales", Some("sales")).await;
    let changing = agents(&store);
    let change = AgentChange {
        model: Edit::Set(label("gpt-4o")),
        external_id: Edit::Clear,
        prompt: Some(Prompt::parse("Be brief.").unwrap()),
        state: Some(AgentState::Disabled),
        ..AgentChange::default()
    };
    let after = changing.change(&operator(), "sales", change).await.unwrap().agent;
    assert_eq!(after.id, before.id);
    assert_eq!(after.profile.name, before.profile.name);
    assert_eq!(after.profile.message_target, before.profile.message_target);
    assert_eq!((after.profile.model, after.profile.external_id), (Some(label("gpt-4o")), None));
    assert_eq!((after.profile.state, after.prompt.as_str()), (AgentState::Disabled, "Be brief."));
}

#[tokio::test]
async fn a_change_is_applied_to_what_others_have_changed() {
    let store = Arc::new(MemoryStore::new());
    add_agent(&store, 1, "Sales", Some("sales")).await;
    let (changing, other) = (agents(&store), agents(&store));
    let rename = AgentChange { name: Some(label("Desk")), ..AgentChange::default() };
    let model = AgentChange { model: Edit::Set(label("gpt-4o")), ..AgentChange::default() };
    // Both have read the agent before one of them changes it.
    let pause = store.pause("agent.change");
    let renamed =
        tokio::spawn(async move { changing.change(&operator(), "Sales", rename).await.unwrap() });
    let modeled =
        tokio::spawn(async move { other.change(&operator(), "Sales", model).await.unwrap() });
    pause.reached().await;
    pause.reached().await;
    drop(pause);
    renamed.await.unwrap();
    modeled.await.unwrap();
    let after = agents(&store).find(&operator(), "sales").await.unwrap();
    assert_eq!((after.profile.name, after.profile.model), (label("Desk"), Some(label("gpt-4o"))));
}

#[tokio::test]
async fn a_change_that_others_always_outrun_is_given_up() {
    let store = Arc::new(MemoryStore::new());
    let before = add_agent(&store, 1, "Sales", None).await;
    let changed = || StoreError::Changed { entity: Entity::Agent };
    let rename = || AgentChange { name: Some(label("Desk")), ..AgentChange::default() };
    store.fail_next("agent.change", 3, Fault::Error(changed));
    let changing = agents(&store);
    let after = changing.change(&operator(), "Sales", rename()).await.unwrap().agent;
    assert_eq!(after.profile.name, label("Desk"));
    store.fail_next("agent.change", 100, Fault::Error(changed));
    let error = changing.change(&operator(), "Desk", rename()).await.unwrap_err();
    assert!(matches!(error, ManageError::AgentChanged { id } if id == before.id));
}

#[tokio::test]
async fn an_agent_is_changed_and_removed_only_as_it_was_read() {
    let store = Arc::new(MemoryStore::new());
    let before = add_agent(&store, 1, "Sales", None).await;
    let changing = agents(&store);
    let rename = || AgentChange { name: Some(label("Desk")), ..AgentChange::default() };
    let scope = &operator();
    let after = changing.change_as_read(scope, &before, rename()).await.unwrap();
    let outrun = changing.change_as_read(scope, &before, AgentChange::default()).await;
    assert!(matches!(outrun, Err(ManageError::AgentChanged { .. })));
    let outrun = changing.remove_as_read(scope, &before).await;
    assert!(matches!(outrun, Err(ManageError::AgentChanged { .. })));
    changing.remove_as_read(scope, &after).await.unwrap();
}

#[tokio::test]
async fn an_external_id_belongs_to_one_agent() {
    let store = Arc::new(MemoryStore::new());
    add_agent(&store, 1, "Sales", Some("sales")).await;
    add_agent(&store, 2, "Support", None).await;
    let change = AgentChange { external_id: Edit::Set(label("sales")), ..AgentChange::default() };
    let changing = agents(&store);
    let error = changing.change(&operator(), "Support", change).await.unwrap_err();
    assert!(matches!(error, ManageError::ExternalIdTaken { .. }));
}

#[tokio::test]
async fn an_agent_goes_when_it_answers_no_numbers() {
    let store = Arc::new(MemoryStore::new());
    add_account(&store, '1').await;
    add_number(&store, "+14155550100", '1').await;
    let agent = add_agent(&store, 1, "Sales", None).await;
    let assigning = numbers(&store);
    let channels = Channels::VOICE_AND_SMS;
    assigning.assign(&operator(), number("+14155550100"), "Sales", channels).await.unwrap();
    let removing = agents(&store);
    let error = removing.remove(&operator(), "Sales").await.unwrap_err();
    assert!(matches!(&error, ManageError::AgentInUse { id } if *id == agent.id));
}

#[tokio::test]
async fn a_store_that_is_away_is_not_an_unknown_agent() {
    let store = MemoryStore::new();
    store.fail_every(Fault::Unavailable);
    let error = find_agent(&store, &operator(), "Sales").await.unwrap_err();
    assert!(matches!(error, ManageError::Store { doing: "finding the agent", .. }));
}
