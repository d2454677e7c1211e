//! The functions of the in-memory carrier that only tests use.

use switchboard_carrier_memory::{Asked, Failure, MemoryCarrier, Write};
use switchboard_contract::carrier::{Holding, Inventory};
use switchboard_domain::carrier::{AccountStatus, CarrierError, CarrierNumber};
use switchboard_domain::configuration::{Configuration, Field};
use switchboard_domain::ports::Retry;
use switchboard_domain::ports::carrier::{NumberCarrier, ServiceCarrier};

/// The main account and its subaccount, with their numbers and services.
fn carrier() -> (MemoryCarrier, [Holding; 2]) {
    let inventory = Inventory::sample();
    let carrier = MemoryCarrier::new();
    for holding in &inventory.holdings[..2] {
        carrier.add_account(holding.account.clone());
        holding
            .numbers
            .iter()
            .chain(&holding.short_codes)
            .for_each(|number| carrier.add_number(number.clone()));
        for pooled in &holding.services {
            let pool = pooled.pool.iter().copied();
            carrier.add_service(holding.account.sid, pooled.service.clone(), pool);
        }
    }
    (carrier, [inventory.holdings[0].clone(), inventory.holdings[1].clone()])
}

fn urls() -> Configuration {
    Configuration::new().with(Field::VoiceUrl, "https://example.com/new")
}

#[tokio::test]
async fn changes_in_the_console_are_not_recorded() {
    let (carrier, [main, _]) = carrier();
    let number = &main.numbers[0];
    assert!(carrier.change_number(number.sender, |number| {
        number.configuration.extend([(Field::VoiceUrl, "https://example.com/by-hand")]);
    }));
    assert_eq!((carrier.asked(), carrier.writes()), (vec![], vec![]));
    let seen = carrier.find(&main.access(), number.sender).await.unwrap().unwrap();
    assert_eq!(seen.configuration.get(Field::VoiceUrl), Some("https://example.com/by-hand"));
    assert_eq!(carrier.number(number.sender), Some(seen));
}

#[tokio::test]
async fn requests_and_writes_are_recorded_separately() {
    let (carrier, [main, _]) = carrier();
    let (access, number, account) = (main.access(), &main.numbers[0], main.account.sid);
    carrier.find(&access, number.sender).await.unwrap();
    carrier.update(&access, number.sid, &Configuration::new()).await.unwrap();
    carrier.update(&access, number.sid, &urls()).await.unwrap();
    let asked = |operation| Asked { operation, account };
    let all = ["number.find", "number.update", "number.update"].map(asked);
    assert_eq!(carrier.asked(), all);
    let (operation, resource) = ("number.update", number.sid.to_string());
    assert_eq!(carrier.writes(), [Write { operation, account, resource, changes: urls() }]);
    carrier.forget();
    assert_eq!((carrier.asked(), carrier.writes()), (vec![], vec![]));
}

#[tokio::test]
async fn an_injected_failure_happens_the_given_number_of_times() {
    let (carrier, [main, _]) = carrier();
    let (access, number) = (main.access(), &main.numbers[0]);
    for (failure, retry) in [
        (Failure::Unavailable, Retry::Later),
        (Failure::Busy, Retry::Later),
        (Failure::Refused, Retry::Never),
        (Failure::Unauthorized, Retry::Never),
        (Failure::Unreadable, Retry::Never),
    ] {
        carrier.fail_next_of("number.update", 2, failure);
        carrier.find(&access, number.sender).await.unwrap();
        for _ in 0..2 {
            let error = carrier.update(&access, number.sid, &urls()).await.unwrap_err();
            assert_eq!(error.retry(), retry, "{error}");
        }
        assert_eq!(carrier.writes(), []);
    }
    carrier.fail_next(1, Failure::Busy);
    assert!(carrier.find(&access, number.sender).await.is_err());
    carrier.update(&access, number.sid, &urls()).await.unwrap();
}

#[tokio::test]
async fn a_request_with_a_lost_response_is_carried_out() {
    let (carrier, [main, _]) = carrier();
    carrier.fail_next(1, Failure::AnswerLost);
    let number = &main.numbers[0];
    let error = carrier.update(&main.access(), number.sid, &urls()).await.unwrap_err();
    assert!(matches!(error, CarrierError::Unavailable { .. }), "{error:?}");
    assert_eq!(carrier.writes().len(), 1);
    let stored = carrier.number(number.sender).unwrap();
    assert_eq!(stored.configuration.get(Field::VoiceUrl), Some("https://example.com/new"));
}

#[tokio::test]
async fn a_single_account_can_be_unreachable() {
    let (carrier, [main, sub]) = carrier();
    carrier.make_unreachable(sub.account.sid);
    let error = NumberCarrier::list(&carrier, &sub.access()).await.unwrap_err();
    assert!(matches!(error, CarrierError::Unavailable { source: Some(_), .. }), "{error:?}");
    NumberCarrier::list(&carrier, &main.access()).await.unwrap();
    carrier.recover();
    NumberCarrier::list(&carrier, &sub.access()).await.unwrap();
}

#[tokio::test]
async fn a_moved_number_leaves_its_account_and_its_pool() {
    let (carrier, [main, sub]) = carrier();
    let (service, member) = (main.services[0].service.sid, main.services[0].pool[0]);
    let is_member = |number: &&CarrierNumber| number.sid == member;
    let number = main.numbers.iter().find(is_member).unwrap().sender;
    let access = main.access();
    assert!(carrier.move_number(number, sub.account.sid));
    assert_eq!(carrier.find(&access, number).await.unwrap(), None);
    let moved = carrier.find(&sub.access(), number).await.unwrap().unwrap();
    assert_eq!(moved.account, sub.account.sid);
    let pool = || carrier.pool(&access, service);
    assert!(!pool().await.unwrap().contains(&member));
    assert!(carrier.remove_number(number) && !carrier.remove_number(number));
    assert!(carrier.join_pool(service, member));
    assert!(pool().await.unwrap().contains(&member));
}

#[tokio::test]
async fn an_account_with_a_suspended_owner_is_inactive() {
    let (carrier, [main, sub]) = carrier();
    assert!(carrier.change_account(main.account.sid, |account| {
        account.status = AccountStatus::Suspended;
    }));
    let error = NumberCarrier::list(&carrier, &sub.access()).await.unwrap_err();
    assert!(matches!(error, CarrierError::Inactive { .. }), "{error:?}");
}
