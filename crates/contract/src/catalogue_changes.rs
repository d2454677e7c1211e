//! The laws of [`CatalogueStore`](switchboard_domain::ports::CatalogueStore) about changes of calendars and lists as they were read.

use switchboard_domain::plan::CatalogueNames;

use crate::concurrent::{TASKS, at_once};
use crate::expect_error::{assert_changed, assert_missing};
use crate::prelude::*;
use crate::{Fixture, samples};

fn name() -> Label {
    samples::label("shared")
}

fn days(first: &str) -> Vec<DateRange> {
    vec![samples::days(first, "2026-12-31")]
}

fn numbers(numbers: &[u32]) -> Vec<PhoneNumber> {
    numbers.iter().map(|number| samples::phone(*number)).collect()
}

type Changed = Result<(), StoreError>;

async fn set_calendar(
    fixture: &Fixture,
    expected: &Expected<Vec<DateRange>>,
    days: Option<Vec<DateRange>>,
) -> Changed {
    fixture.catalogue().set_calendar(&fixture.us, &fixture.ours, &name(), expected, days).await
}

async fn set_list(
    fixture: &Fixture,
    expected: &Expected<Vec<PhoneNumber>>,
    numbers: Option<Vec<PhoneNumber>>,
) -> Changed {
    fixture.catalogue().set_list(&fixture.us, &fixture.ours, &name(), expected, numbers).await
}

/// The days of the calendar and the numbers of the list, if they are stored.
async fn stored(fixture: &Fixture) -> (Option<Vec<DateRange>>, Option<Vec<PhoneNumber>>) {
    let names = CatalogueNames {
        calendars: vec![name()],
        lists: vec![name()],
        ..CatalogueNames::default()
    };
    let mut found = fixture.catalogue().materials(&fixture.ours, &names).await.unwrap();
    (found.calendars.pop().map(|(_, days)| days), found.lists.pop().map(|(_, numbers)| numbers))
}

#[laws(catalogue_changes::catalogue_change_laws)]
pub mod laws {
    use super::*;

    /// A calendar is added, replaced and removed only as it was read, and a refused change has no effect.
    pub async fn a_calendar_is_changed_as_it_was_read(fixture: &Fixture) {
        let (one, other) = (days("2026-01-01"), days("2026-02-02"));
        let absent = set_calendar(fixture, &Expected::Stored(one.clone()), Some(one.clone())).await;
        assert_changed(absent, Entity::Calendar);
        assert_missing(
            set_calendar(fixture, &Expected::Stored(one.clone()), None).await,
            Entity::Calendar,
        );
        set_calendar(fixture, &Expected::Nothing, Some(one.clone())).await.unwrap();
        for expected in [Expected::Nothing, Expected::Stored(other.clone())] {
            for wanted in [Some(other.clone()), None] {
                assert_changed(set_calendar(fixture, &expected, wanted).await, Entity::Calendar);
                assert_eq!(stored(fixture).await.0.as_ref(), Some(&one));
            }
        }
        let seen = Expected::Stored(one);
        set_calendar(fixture, &seen, Some(other.clone())).await.unwrap();
        assert_changed(set_calendar(fixture, &seen, None).await, Entity::Calendar);
        set_calendar(fixture, &Expected::Stored(other), None).await.unwrap();
        assert_eq!(stored(fixture).await.0, None);
    }

    /// The same for a list, whose order and repeated numbers do not count.
    pub async fn a_list_is_changed_as_it_was_read(fixture: &Fixture) {
        let (one, other) = (numbers(&[1, 2]), numbers(&[2, 3]));
        let absent = set_list(fixture, &Expected::Stored(one.clone()), Some(one.clone())).await;
        assert_changed(absent, Entity::List);
        assert_missing(set_list(fixture, &Expected::Stored(one.clone()), None).await, Entity::List);
        set_list(fixture, &Expected::Nothing, Some(one.clone())).await.unwrap();
        for expected in [Expected::Nothing, Expected::Stored(other.clone())] {
            for wanted in [Some(other.clone()), None] {
                assert_changed(set_list(fixture, &expected, wanted).await, Entity::List);
                assert_eq!(stored(fixture).await.1.as_ref(), Some(&one));
            }
        }
        let seen = Expected::Stored(numbers(&[2, 1, 2]));
        set_list(fixture, &seen, Some(other.clone())).await.unwrap();
        assert_changed(set_list(fixture, &seen, None).await, Entity::List);
        set_list(fixture, &Expected::Stored(other), None).await.unwrap();
        assert_eq!(stored(fixture).await.1, None);
    }

    /// Of many changes of the same state at the same time, one succeeds: of those that add, and of those that replace.
    pub async fn one_of_many_changes_of_the_same_state_succeeds(fixture: &Fixture) {
        for (first, phone) in [("2026-01-01", 1_000), ("2026-02-02", 2_000)] {
            let (calendar, list) = stored(fixture).await;
            let calendar = calendar.map_or(Expected::Nothing, Expected::Stored);
            let list = list.map_or(Expected::Nothing, Expected::Stored);
            let changes = at_once(|n| {
                let store = fixture.store();
                let (scope, owner) = (fixture.us.clone(), fixture.ours.clone());
                let (calendar, list) = (calendar.clone(), list.clone());
                async move {
                    let (catalogue, name) = (store.catalogue(), name());
                    let mut days = days(first);
                    days.push(samples::days("2027-01-01", &format!("2027-01-{:02}", n + 1)));
                    let numbers = Some(numbers(&[phone + n]));
                    [
                        catalogue.set_calendar(&scope, &owner, &name, &calendar, Some(days)).await,
                        catalogue.set_list(&scope, &owner, &name, &list, numbers).await,
                    ]
                }
            });
            let changes = changes.await;
            for (place, entity) in [Entity::Calendar, Entity::List].into_iter().enumerate() {
                let mut succeeded = 0;
                for change in changes.iter().map(|both| &both[place]) {
                    match change {
                        Ok(()) => succeeded += 1,
                        Err(StoreError::Changed { entity: of }) if *of == entity => {}
                        Err(error) => panic!("{error:?}"),
                    }
                }
                assert_eq!(succeeded, 1, "of {TASKS} changes of the {entity}");
            }
        }
    }
}
