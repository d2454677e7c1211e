use switchboard_domain::plan::DateRange;
use switchboard_domain::ports::Expected;

use super::fixture::{all_to, new, plans, save, sources, store};
use crate::Edit;
use crate::fixtures::label;
use crate::routing_plans::{ChangeLimits, KeepMaterial, LimitChange, PlanError};
use crate::test_prelude::*;

const HOURS: &str = r#"{"time_zone":"Europe/London","calendars":["busy"]}"#;

#[tokio::test]
async fn limits_change_one_by_one_and_hours_name_calendars_that_are_there() {
    let store = store().await;
    let agent = store.named(&operator(), &label("day")).await.unwrap().remove(0);
    let limiting = ChangeLimits { catalogue: store.clone(), codec: Arc::new(PlanDocuments) };
    let change = async |change| limiting.change(&operator(), &agent, change).await;
    let five = LimitChange { capacity: Edit::Set(5), ..LimitChange::default() };
    assert_eq!(change(five).await.unwrap().capacity, Some(5));

    let hours =
        |text: &str| LimitChange { hours: Edit::Set(text.into()), ..LimitChange::default() };
    let overlapping = r#"{"time_zone":"Etc/UTC","weekly":[{"from":"09:00","to":"17:00"},{"from":"16:00","to":"18:00"}]}"#;
    for (wrong, at) in [
        (HOURS, "/calendars/0"),
        (r#"{"time_zone":"Nowhere"}"#, "/time_zone"),
        (r#"{"weekly":[{"from":"09:00","to":"17:00"}]}"#, ""),
        (r#"{"time_zone":"Etc/UTC"}"#, ""),
        (overlapping, "/weekly/1"),
    ] {
        let error = change(hours(wrong)).await.unwrap_err();
        let PlanError::Wrong { problems } = &error else { panic!("{error:?}") };
        assert_eq!((problems.len(), problems[0].at.as_str()), (1, at), "{error:?}");
    }
    let keeping = KeepMaterial { sources: sources(&store), organization: default_organization() };
    let day = DateRange::day(LocalDate::parse("2026-12-24").unwrap());
    keeping
        .set_calendar(&operator(), &label("busy"), &Expected::Anything, Some(vec![day]))
        .await
        .unwrap();
    let limits = change(hours(HOURS)).await.unwrap();
    assert_eq!((limits.capacity, limits.hours.as_deref()), (Some(5), Some(HOURS)));
    // A plan that names the agent needs the calendar of its hours.
    keeping
        .set_calendar(&operator(), &label("free"), &Expected::Anything, Some(Vec::new()))
        .await
        .unwrap();
    save(&plans(&store), new(&all_to("day"), None)).await.unwrap();
    let error = keeping
        .set_calendar(&operator(), &label("busy"), &Expected::Anything, None)
        .await
        .unwrap_err();
    let expected = "routing plan \"Front desk\" still uses the calendar \"busy\"";
    assert_eq!(error.to_string(), expected);
    keeping.set_calendar(&operator(), &label("free"), &Expected::Anything, None).await.unwrap();
    let none = LimitChange { capacity: Edit::Clear, ..LimitChange::default() };
    change(none).await.unwrap();
    let limits = limiting.limits(&agent).await.unwrap();
    assert_eq!((limits.capacity, limits.hours.as_deref()), (None, Some(HOURS)));
}

#[tokio::test]
async fn a_calendar_or_list_that_is_not_there_is_told() {
    let store = store().await;
    let keeping = KeepMaterial { sources: sources(&store), organization: default_organization() };
    let (scope, name) = (operator(), label("vip"));
    assert!(keeping.list(&scope, &name).await.is_err());
    assert!(keeping.calendar(&scope, &name).await.is_err());
    let error = keeping.set_list(&scope, &name, &Expected::Anything, None).await.unwrap_err();
    assert_eq!(error.to_string(), "no list is named \"vip\"");
    keeping.set_list(&scope, &name, &Expected::Anything, Some(Vec::new())).await.unwrap();
    assert_eq!(keeping.list(&scope, &name).await.unwrap(), []);
    assert_eq!(keeping.names(&scope).await.unwrap().lists, [name]);
}
