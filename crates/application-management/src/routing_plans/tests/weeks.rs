use switchboard_domain::address::Channel;
use switchboard_domain::sid::{CallSid, EventSid};

use super::fixture::{draft, store};
use crate::fixtures::number;
use crate::routing_plans::{DestinationSummary, Draft, Reachable, Supposed, Week, split_by_weight};
use crate::test_prelude::*;

const OFFICE: &str = r#"{
    "time_zone": "America/New_York",
    "rules": [
        {"name": "Early", "when": {"schedule": {"weekly": [{"from": "01:00", "to": "03:00"}]}}, "then": {"agents": ["night"]}},
        {"name": "Universal", "when": {"schedule": {"time_zone": "Etc/UTC", "weekly": [{"from": "06:00", "to": "07:00"}]}}, "then": {"next": [{"reject": "busy"}]}}
    ],
    "otherwise": {"agents": [{"agent": "day", "weight": 3}, {"agent": "night", "weight": 1}], "strategy": "priority"}
}"#;

fn supposed() -> Supposed {
    Supposed {
        channel: Channel::Voice,
        called: number("+14155550100"),
        from: Address::parse("+12025550123").unwrap(),
        facts: CallerFacts::default(),
        event: EventSid::Call(CallSid::SUPPOSED),
    }
}

fn reachable() -> Reachable {
    Reachable { has_voice_server: true, ..Reachable::default() }
}

fn week(draft: &Draft, first: &str, days: u16) -> Week {
    let first = LocalDate::parse(first).unwrap();
    Week::of(&draft.plan, &draft.zone, &supposed(), first, days, &reachable())
}

/// One letter for each half hour: the first letter of the agent's name or of the action. Several
/// letters where a clock change repeats the half hour.
fn letters(week: &Week, day: usize) -> Vec<String> {
    let letter = |destination: &DestinationSummary| match destination {
        DestinationSummary::Agent { profile, .. } => profile.name.as_str()[..1].to_owned(),
        DestinationSummary::Action(action) => action.as_str()[..1].to_owned(),
        DestinationSummary::Nobody => "-".to_owned(),
    };
    let cells = week.days[day].cells.iter();
    cells
        .map(|cell| {
            cell.outcomes
                .iter()
                .map(|(.., destination)| letter(&week.destinations[*destination]))
                .collect()
        })
        .collect()
}

#[tokio::test]
async fn a_week_has_a_cell_for_each_half_hour_also_when_clocks_are_changed() {
    let draft = draft(&store().await, OFFICE).await;
    let plain = week(&draft, "2026-11-23", 7);
    assert_eq!((plain.days.len(), plain.days[0].weekday, plain.days[6].weekday), (7, "mon", "sun"));
    // 06:00 in universal time is 01:00 in New York in winter, where the first rule decides.
    assert_eq!(letters(&plain, 0)[..8], ["d", "d", "n", "n", "n", "n", "d", "d"]);
    assert_eq!(plain.destinations.len(), 2);

    let spring = week(&draft, "2026-03-08", 1);
    assert_eq!(letters(&spring, 0)[..8], ["d", "d", "n", "n", "", "", "d", "d"]);
    let autumn = week(&draft, "2026-11-01", 1);
    assert_eq!(letters(&autumn, 0)[..8], ["d", "d", "nn", "nn", "n", "n", "d", "d"]);
}

#[tokio::test]
async fn what_comes_twice_need_not_be_taken_by_the_same() {
    let document = OFFICE.replace("01:00", "04:00").replace("03:00", "05:00");
    let draft = draft(&store().await, &document).await;
    let autumn = week(&draft, "2026-11-01", 1);
    // The hour from one to two occurs at 05:00 and at 06:00 in universal time.
    assert_eq!(letters(&autumn, 0)[..6], ["d", "d", "dr", "dr", "d", "d"]);
    assert_eq!(autumn.first_of(Some(1)).map(Timestamp::seconds), Some(1_793_512_800));
    assert_eq!(autumn.first_of(Some(7)), None);
}

#[tokio::test]
async fn rules_with_weights_split_their_callers_by_them_and_others_do_not() {
    let document = r#"{
        "time_zone": "America/New_York",
        "rules": [
            {"name": "Sms", "when": {"channels": ["sms"]}, "then": {"agents": [{"agent": "day", "weight": 9}, "night"]}},
            {"name": "One", "when": {"channels": ["whatsapp"]}, "then": {"agents": ["day"]}}
        ],
        "otherwise": {"agents": ["day", "night"], "strategy": "priority"}
    }"#;
    let draft = draft(&store().await, document).await;
    let week = week(&draft, "2026-11-23", 7);
    let splits = split_by_weight(&draft.plan, &week, &supposed(), 10_000, &reachable());
    let [only] = splits.as_slice() else { panic!("{splits:?}") };
    assert_eq!((only.rule, only.callers), (Some(0), 10_000));
    let parts: Vec<u32> = only.parts.iter().map(|part| part.callers).collect();
    assert_eq!(parts.iter().sum::<u32>(), 10_000);
    assert!((8_900..9_100).contains(&parts[0]), "{parts:?}");
}
