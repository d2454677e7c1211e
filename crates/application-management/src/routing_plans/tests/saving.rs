use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::organization::Organization;
use switchboard_domain::ports::OrganizationStore;

use super::fixture::{all_to, attach, new, plans, save, store};
use crate::fixtures::{label, number};
use crate::routing_plans::{NewVersion, PlanError};
use crate::test_prelude::*;

#[tokio::test]
async fn every_save_is_a_new_version_and_an_old_one_comes_back_as_the_newest() {
    let store = store().await;
    let saving = plans(&store);
    let first = save(&saving, new(&all_to("day"), None)).await.unwrap().version;
    assert_eq!((first.version, first.name.as_str()), (1, "Front desk"));
    let second = save(&saving, new(&all_to("night"), Some("Front desk"))).await.unwrap().version;
    assert_eq!((second.version, &second.id), (2, &first.id));
    let named =
        NewVersion { name: Some(label("Desk")), ..new(&all_to("night"), Some("Front desk")) };
    assert_eq!(save(&saving, named).await.unwrap().version.name, label("Desk"));

    let author = label("somebody else");
    let back = saving.roll_back(&operator(), "Desk", 1, author.clone()).await.unwrap().version;
    assert_eq!((back.version, back.document, back.author), (4, first.document, author.clone()));
    assert_eq!(back.name.as_str(), "Front desk");
    let gone = saving.roll_back(&operator(), "Front desk", 9, author).await.unwrap_err();
    assert!(matches!(gone, PlanError::VersionUnknown { version: 9, .. }), "{gone}");
}

#[tokio::test]
async fn a_plan_with_mistakes_changes_nothing_and_all_of_them_are_told() {
    let store = store().await;
    let saving = plans(&store);
    save(&saving, new(&all_to("day"), None)).await.unwrap();
    let wrong = r#"{"rules":[{"when":{"caller":{"lists":["vip"]}},"then":{"agents":["nobody"]}}],"otherwise":{}}"#;
    let error = save(&saving, new(wrong, Some("Front desk"))).await.unwrap_err();
    let PlanError::Wrong { problems } = &error else { panic!("{error:?}") };
    let places: Vec<_> = problems.iter().map(|problem| problem.at.as_str()).collect();
    assert_eq!(places, ["/rules/0/when/caller/lists/0", "/rules/0/then/agents/0", "/otherwise"]);
    assert_eq!(error.to_string(), "the document has 3 mistakes, and nothing was changed");
    let history = plans(&store);
    assert_eq!(history.find(&operator(), "Front desk").await.unwrap().version, 1);
}

#[tokio::test]
async fn the_slower_of_two_saves_and_a_name_that_is_taken_are_refused() {
    let store = store().await;
    let saving = plans(&store);
    save(&saving, new(&all_to("day"), None)).await.unwrap();
    let prepare = async || {
        let new = new(&all_to("night"), Some("Front desk"));
        saving.prepare(&operator(), new).await.unwrap().version
    };
    let (one, other) = (prepare().await, prepare().await);
    saving.save(&operator(), &one).await.unwrap();
    let outrun = saving.save(&operator(), &other).await.unwrap_err();
    assert!(matches!(outrun, PlanError::Outrun { version: 2, .. }), "{outrun}");
    let taken = save(&saving, new(&all_to("day"), None)).await.unwrap_err();
    assert!(matches!(taken, PlanError::NameTaken { .. }), "{taken}");
    let taken = saving.prepare(&operator(), new(&all_to("day"), None)).await.unwrap_err();
    assert!(matches!(taken, PlanError::NameTaken { .. }), "{taken}");
    let nameless =
        save(&saving, new(r#"{"otherwise":{"agents":["day"]}}"#, None)).await.unwrap_err();
    assert!(matches!(nameless, PlanError::NoName), "{nameless}");
    let unknown = save(&saving, new(&all_to("day"), Some("Back desk"))).await.unwrap_err();
    assert!(matches!(unknown, PlanError::Unknown { .. }), "{unknown}");
}

#[tokio::test]
async fn a_plan_goes_once_it_is_attached_to_nothing() {
    let store = store().await;
    let id = save(&plans(&store), new(&all_to("day"), None)).await.unwrap().version.id;
    let place = PlanPlace::Number(number("+14155550100"));
    attach(&store, &id, place.clone()).await;
    let history = plans(&store);
    let error = history.remove(&operator(), "Front desk").await.unwrap_err();
    let expected = "the routing plan is still attached to a number";
    assert_eq!(error.to_string(), expected);
    let attaching = plans(&store);
    attaching.detach(&operator(), &place).await.unwrap();
    assert_eq!(history.remove(&operator(), "Front desk").await.unwrap().id, id);
    assert!(history.find(&operator(), "Front desk").await.is_err());
}

#[tokio::test]
async fn what_is_not_there_can_have_no_plan() {
    let store = store().await;
    save(&plans(&store), new(&all_to("day"), None)).await.unwrap();
    let attaching = plans(&store);
    let unknown = number("+14155550199");
    let attached =
        attaching.attach(&operator(), "Front desk", |_plan| PlanPlace::Number(unknown)).await;
    assert!(attached.unwrap_err().to_string().starts_with("number …99 is unknown"));
    let other = Scope::Organization(switchboard_domain::identifier::OrganizationId::new(
        switchboard_domain::time::Timestamp::from_seconds(1),
        [1; 10],
    ));
    let other = operator().within(other);
    let place = PlanPlace::Organization(default_organization());
    assert!(attaching.attach(&other, "Front desk", |_plan| place).await.is_err());
}

#[tokio::test]
async fn a_plan_is_changed_and_removed_as_it_was_read() {
    let store = store().await;
    let saving = plans(&store);
    let first = save(&saving, new(&all_to("day"), None)).await.unwrap();
    assert_eq!(first.same, None);
    let first = first.version;
    let next = async |agent: &str| {
        saving.prepare_as_read(first.clone(), new(&all_to(agent), None)).await.unwrap()
    };
    assert_eq!(next("day").await.same.as_ref(), Some(&first));
    let second = next("night").await;
    assert_eq!((second.version.version, &second.same), (2, &None));
    saving.save(&operator(), &second.version).await.unwrap();
    // The plan was read before the second version.
    let outrun = saving.save(&operator(), &next("night").await.version).await.unwrap_err();
    assert!(matches!(outrun, PlanError::Outrun { version: 2, .. }), "{outrun}");
    let outrun = saving.remove_as_read(&operator(), &first).await.unwrap_err();
    assert!(matches!(outrun, PlanError::Outrun { version: 2, .. }), "{outrun}");
    let earlier = saving.earlier(&operator(), &first.id, 1, label("ci")).await.unwrap();
    assert_eq!((earlier.document, earlier.author), (first.document.clone(), label("ci")));
    saving.remove_as_read(&operator(), &second.version).await.unwrap();
    let gone = saving.remove_as_read(&operator(), &second.version).await.unwrap_err();
    assert!(matches!(gone, PlanError::Unknown { .. }), "{gone}");
    // A plan that is named like it is another one.
    let named = NewVersion { name: Some(label(first.id.as_str())), ..new(&all_to("day"), None) };
    let named = save(&saving, named).await.unwrap().version;
    let gone = saving.remove_as_read(&operator(), &first).await.unwrap_err();
    assert!(matches!(gone, PlanError::Unknown { .. }), "{gone}");
    assert_eq!(saving.find(&operator(), named.id.as_str()).await.unwrap(), named);
}

#[tokio::test]
async fn a_name_is_that_of_a_plan_of_the_default_organization() {
    let store = store().await;
    let plans = plans(&store);
    let id = OrganizationId::parse("org_01m8jwaxz29rbqtyphtjq1q9h6").unwrap();
    let created_at = Timestamp::from_seconds(1);
    let others = Organization { id: id.clone(), name: label("Others"), created_at };
    OrganizationStore::add(&*store, &operator(), &others).await.unwrap();
    let closed = r#"{"name":"Front desk","otherwise":{"next":[{"say":{"text":"Closed."}}]}}"#;
    let theirs = NewVersion { organization: id.clone(), ..new(closed, None) };
    let theirs = save(&plans, theirs).await.unwrap().version;

    let unknown = plans.find(&operator(), "Front desk").await.unwrap_err();
    assert!(matches!(unknown, PlanError::Unknown { .. }), "{unknown}");
    let ours = save(&plans, new(&all_to("day"), None)).await.unwrap().version;
    let found = async |scope: &Scope, word: &str| plans.find(scope, word).await.unwrap().id;
    assert_eq!(found(&operator(), "Front desk").await, ours.id);
    assert_eq!(found(&operator(), theirs.id.as_str()).await, theirs.id);
    assert_eq!(found(&Scope::Organization(id), "Front desk").await, theirs.id);
}
