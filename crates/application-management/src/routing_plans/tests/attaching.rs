//! What attaching a plan changes.

use switchboard_domain::identifier::OrganizationId;

use super::fixture::{all_to, attach, new, plans, save, store};
use crate::ManageError;
use crate::fixtures::{number, numbers, sid};
use crate::routing_plans::{AnsweredBefore, AttachPlan, PlanError};
use crate::test_prelude::*;

/// Four numbers: one has its own plan, two of the same account have an agent or nobody, and one is of another account.
#[tokio::test]
async fn the_impact_of_a_plan_is_known_before_it_is_attached() {
    let store = store().await;
    let plans = plans(&store);
    let own = save(&plans, new(&all_to("day"), None)).await.unwrap().version.id;
    let far = all_to("night").replace("Front desk", "Far");
    let far = save(&plans, new(&far, None)).await.unwrap().version.id;
    let first = number("+14155550100");
    attach(&store, &own, PlanPlace::Number(first)).await;
    let channels = Channels::parse("voice").unwrap();
    let assigning = numbers(&store);
    assigning.assign(&operator(), number("+14155550101"), "day", channels).await.unwrap();
    let attaching = AttachPlan { plans: &plans, store: store.as_ref() };
    let preview =
        async |place: PlanPlace| attaching.preview(&operator(), far.as_str(), |_plan| place).await;
    let before = async |place| preview(place).await.unwrap().answered_before();
    let account = PlanPlace::Account(sid('1'));
    let organization = PlanPlace::Organization(default_organization());

    let expected = AnsweredBefore { agent: 1, nobody: 1, ..AnsweredBefore::default() };
    assert_eq!(before(account.clone()).await, expected);
    let expected = AnsweredBefore { agent: 1, nobody: 2, ..AnsweredBefore::default() };
    assert_eq!(before(organization.clone()).await, expected);
    let expected = AnsweredBefore { other_plan: 1, ..AnsweredBefore::default() };
    assert_eq!(before(PlanPlace::Number(first)).await, expected);
    assert!(plans.places.places(&operator(), &far).await.unwrap().is_empty());

    let attached = attaching.attach(&operator(), far.as_str(), |_plan| account.clone()).await;
    assert_eq!(attached.unwrap().numbers.len(), 2);
    // The numbers of the account keep their nearer plan, and go on with the same plan.
    let expected = AnsweredBefore { nobody: 1, ..AnsweredBefore::default() };
    assert_eq!(before(organization).await, expected);
    let expected = AnsweredBefore { plan: 2, ..AnsweredBefore::default() };
    assert_eq!(before(account).await, expected);

    let unknown = preview(PlanPlace::Number(number("+14155550999"))).await;
    assert!(matches!(unknown, Err(PlanError::Manage(ManageError::NumberUnknown { .. }))));
    let unknown = preview(PlanPlace::Account(sid('9'))).await;
    assert!(matches!(unknown, Err(PlanError::Manage(ManageError::AccountUnknown { .. }))));
    let theirs = OrganizationId::parse("org_01m8jwaxz29rbqtyphtjq1q9h7").unwrap();
    let foreign = preview(PlanPlace::Organization(theirs)).await;
    assert!(matches!(foreign, Err(PlanError::OtherOrganization)));
}
