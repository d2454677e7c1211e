//! The laws of [`CatalogueStore`](switchboard_domain::ports::CatalogueStore).

use switchboard_domain::plan::CatalogueNames;
use switchboard_domain::ports::{CatalogueAgent, Materials};

use crate::concurrent::at_once;
use crate::expect_error::assert_missing;
use crate::prelude::*;
use crate::{Fixture, samples};

/// Labels with these texts.
fn labels<const N: usize>(texts: [&str; N]) -> Vec<Label> {
    texts.map(samples::label).to_vec()
}

/// The numbers of a list.
fn phones(numbers: impl IntoIterator<Item = u32>) -> Vec<PhoneNumber> {
    numbers.into_iter().map(samples::phone).collect()
}

/// Several days that are unsorted and overlap.
fn holidays() -> Vec<DateRange> {
    vec![
        samples::days("2026-12-24", "2027-01-01"),
        samples::days("2026-07-04", "2026-07-04"),
        samples::days("2026-12-25", "2026-12-26"),
    ]
}

async fn set_calendar(fixture: &Fixture, name: &str, days: Option<Vec<DateRange>>) {
    let name = samples::label(name);
    fixture
        .catalogue()
        .set_calendar(&fixture.us, &fixture.ours, &name, &Expected::Anything, days)
        .await
        .unwrap();
}

async fn set_list(fixture: &Fixture, name: &str, numbers: Option<Vec<PhoneNumber>>) {
    let name = samples::label(name);
    fixture
        .catalogue()
        .set_list(&fixture.us, &fixture.ours, &name, &Expected::Anything, numbers)
        .await
        .unwrap();
}

async fn set_limits(fixture: &Fixture, agent: &Agent, limits: &AgentLimits) {
    fixture.catalogue().set_limits(&fixture.us, &agent.id, limits).await.unwrap();
}

/// Returns what the names refer to in an organization.
async fn materials(fixture: &Fixture, owner: &OrganizationId, names: CatalogueNames) -> Materials {
    fixture.catalogue().materials(owner, &names).await.unwrap()
}

/// Returns the calendars of our organization with these names.
async fn calendars<const N: usize>(
    fixture: &Fixture,
    names: [&str; N],
) -> Vec<(Label, Vec<DateRange>)> {
    let names = CatalogueNames { calendars: labels(names), ..CatalogueNames::default() };
    let found = materials(fixture, &fixture.ours, names).await;
    assert_eq!((found.agents, found.lists), (Vec::new(), Vec::new()));
    found.calendars
}

/// Returns the lists of our organization with these names.
async fn lists<const N: usize>(
    fixture: &Fixture,
    names: [&str; N],
) -> Vec<(Label, Vec<PhoneNumber>)> {
    let names = CatalogueNames { lists: labels(names), ..CatalogueNames::default() };
    let found = materials(fixture, &fixture.ours, names).await;
    assert_eq!((found.agents, found.calendars), (Vec::new(), Vec::new()));
    found.lists
}

/// Returns the agents of an organization that these words name, ordered by id.
async fn agents<const N: usize>(
    fixture: &Fixture,
    owner: &OrganizationId,
    words: [&str; N],
) -> Vec<CatalogueAgent> {
    let names = CatalogueNames { agents: labels(words), ..CatalogueNames::default() };
    let mut found = materials(fixture, owner, names).await;
    assert_eq!((found.calendars, found.lists), (Vec::new(), Vec::new()));
    found.agents.sort_by(|one, two| one.id.cmp(&two.id));
    found.agents
}

/// An agent with its limits, as plans need it.
fn limited(agent: &Agent, limits: AgentLimits) -> CatalogueAgent {
    CatalogueAgent { id: agent.id.clone(), profile: agent.profile.clone(), limits }
}

/// Returns the names of an organization that a scope covers.
async fn names(fixture: &Fixture, scope: &Scope, owner: &OrganizationId) -> CatalogueNames {
    fixture.catalogue().names(scope, owner).await.unwrap()
}

#[laws(catalogue::catalogue_laws)]
pub mod laws {
    use super::*;

    /// A calendar is stored exactly, and can be without days.
    pub async fn a_calendar_is_found_as_it_was_set(fixture: &Fixture) {
        for (name, days) in
            [("holidays", holidays()), (samples::UNICODE, holidays()), ("none", Vec::new())]
        {
            set_calendar(fixture, name, Some(days.clone())).await;
            assert_eq!(calendars(fixture, [name]).await, [(samples::label(name), days)]);
        }
    }

    /// Setting a calendar again replaces all of its days.
    pub async fn a_calendar_is_replaced(fixture: &Fixture) {
        set_calendar(fixture, "holidays", Some(holidays())).await;
        set_calendar(fixture, "others", Some(holidays())).await;
        let days = vec![samples::days("2027-01-01", "2027-01-01")];
        set_calendar(fixture, "holidays", Some(days.clone())).await;
        assert_eq!(calendars(fixture, ["holidays"]).await[0].1, days);
        assert_eq!(calendars(fixture, ["others"]).await[0].1, holidays());
    }

    /// A list contains each of its numbers once, in order, and can be empty.
    pub async fn a_list_has_each_of_its_numbers_once(fixture: &Fixture) {
        let given = phones([5, 3, 5, 9, 3]);
        for (name, numbers, expected) in [
            ("vip", given.clone(), phones([3, 5, 9])),
            (samples::UNICODE, given, phones([3, 5, 9])),
            ("none", Vec::new(), Vec::new()),
        ] {
            set_list(fixture, name, Some(numbers)).await;
            assert_eq!(lists(fixture, [name]).await, [(samples::label(name), expected)]);
        }
    }

    /// Setting a list again replaces all of its numbers.
    pub async fn a_list_is_replaced(fixture: &Fixture) {
        set_list(fixture, "vip", Some(phones(1..=9))).await;
        set_list(fixture, "others", Some(phones(1..=9))).await;
        set_list(fixture, "vip", Some(phones(5..=12))).await;
        assert_eq!(lists(fixture, ["vip"]).await[0].1, phones(5..=12));
        assert_eq!(lists(fixture, ["others"]).await[0].1, phones(1..=9));
    }

    /// A list of 100,000 numbers can be set, read, replaced and removed.
    pub async fn a_list_of_a_hundred_thousand_numbers_works(fixture: &Fixture) {
        set_list(fixture, "all", Some(phones(0..100_000))).await;
        assert!(lists(fixture, ["all"]).await[0].1 == phones(0..100_000));
        set_list(fixture, "all", Some(phones(50_000..150_000))).await;
        assert!(lists(fixture, ["all"]).await[0].1 == phones(50_000..150_000));
        set_list(fixture, "all", None).await;
        assert_eq!(lists(fixture, ["all"]).await, []);
    }

    /// A removed calendar or list no longer exists, and removing it again fails.
    pub async fn what_was_removed_is_gone(fixture: &Fixture) {
        set_calendar(fixture, "shared", Some(holidays())).await;
        set_list(fixture, "shared", Some(phones(1..=3))).await;
        let name = samples::label("shared");
        set_calendar(fixture, "shared", None).await;
        assert_eq!(calendars(fixture, ["shared"]).await, []);
        assert_eq!(lists(fixture, ["shared"]).await.len(), 1);
        set_list(fixture, "shared", None).await;
        assert_eq!(lists(fixture, ["shared"]).await, []);
        let (scope, owner) = (&fixture.us, &fixture.ours);
        let again = fixture.refuses(fixture.catalogue().set_calendar(
            scope,
            owner,
            &name,
            &Expected::Anything,
            None,
        ));
        assert_missing(again.await, Entity::Calendar);
        let again = fixture.refuses(fixture.catalogue().set_list(
            scope,
            owner,
            &name,
            &Expected::Anything,
            None,
        ));
        assert_missing(again.await, Entity::List);
        set_list(fixture, "shared", Some(Vec::new())).await;
        assert_eq!(lists(fixture, ["shared"]).await[0].1, []);
    }

    /// Names of calendars and lists are listed in order, without those of agents.
    pub async fn names_are_listed_in_order(fixture: &Fixture) {
        assert_eq!(names(fixture, &fixture.us, &fixture.ours).await, CatalogueNames::default());
        fixture.agent(1, &fixture.ours).await;
        let words = ["b", "B", "é", "e\u{301}", "a", "世界", "a b", "_"];
        for word in words {
            set_calendar(fixture, &format!("calendar {word}"), Some(holidays())).await;
            set_list(fixture, &format!("list {word}"), Some(phones(1..=2))).await;
        }
        let named = |kind| {
            let mut names: Vec<_> =
                words.iter().map(|word| samples::label(&format!("{kind} {word}"))).collect();
            names.sort_unstable();
            names
        };
        let expected = CatalogueNames {
            agents: Vec::new(),
            calendars: named("calendar"),
            lists: named("list"),
        };
        assert_eq!(names(fixture, &fixture.us, &fixture.ours).await, expected);
        assert_eq!(names(fixture, &samples::operator(), &fixture.ours).await, expected);
    }

    /// Each requested object that exists is returned once, and nothing else is returned.
    pub async fn what_is_behind_names_is_returned_once(fixture: &Fixture) {
        for name in ["one", "two", "three"] {
            set_calendar(fixture, name, Some(holidays())).await;
            set_list(fixture, name, Some(phones(1..=3))).await;
        }
        let agent = fixture.agent(1, &fixture.ours).await;
        fixture.agent(2, &fixture.ours).await;
        let asked = labels(["two", "nothing", "one", "two", "One", "tw"]);
        let asked = CatalogueNames {
            agents: labels(["external 1", "nobody", "external 1"]),
            calendars: asked.clone(),
            lists: asked,
        };
        let mut found = materials(fixture, &fixture.ours, asked).await;
        found.calendars.sort_unstable();
        found.lists.sort_unstable();
        assert_eq!(
            found,
            Materials {
                agents: vec![limited(&agent, AgentLimits::default())],
                calendars: labels(["one", "two"])
                    .into_iter()
                    .map(|name| (name, holidays()))
                    .collect(),
                lists: labels(["one", "two"])
                    .into_iter()
                    .map(|name| (name, phones(1..=3)))
                    .collect(),
            }
        );
        let nothing = materials(fixture, &fixture.ours, CatalogueNames::default()).await;
        assert_eq!(nothing, Materials::default());
    }

    /// An agent can be named by its id, external id or name. It is returned once even if several
    /// words name it, and all agents that one word names are returned.
    pub async fn an_agent_is_named_by_id_external_id_and_name(fixture: &Fixture) {
        let one = fixture.agent(1, &fixture.ours).await;
        let mut two = samples::agent(2, &fixture.ours);
        two.profile.name = samples::label("external 1");
        two.profile.external_id = None;
        fixture.agents().add(&fixture.us, &two).await.unwrap();
        let none = AgentLimits::default;
        let (one, two) = (limited(&one, none()), limited(&two, none()));
        let (id, name) = (one.id.to_string(), one.profile.name.as_str().to_owned());
        let only = std::slice::from_ref(&one);
        assert_eq!(agents(fixture, &fixture.ours, [&id]).await, only);
        assert_eq!(agents(fixture, &fixture.ours, [&name]).await, only);
        assert_eq!(agents(fixture, &fixture.ours, [&name, &id]).await, only);
        assert_eq!(agents(fixture, &fixture.ours, ["external 1"]).await, [one, two.clone()]);
        assert_eq!(agents(fixture, &fixture.ours, [two.id.as_str()]).await, [two]);
        assert_eq!(agents(fixture, &fixture.ours, ["External 1", "agent"]).await, []);
    }

    /// Thousands of names can be looked up at once, most of which refer to nothing.
    pub async fn thousands_of_names_are_looked_up_at_once(fixture: &Fixture) {
        let agent = fixture.agent(1, &fixture.ours).await;
        set_calendar(fixture, "name 2499", Some(holidays())).await;
        set_list(fixture, "name 0", Some(phones(1..=3))).await;
        let many: Vec<_> = (0..2_500).map(|n| samples::label(&format!("name {n}"))).collect();
        let words = many.iter().cloned().chain(labels(["external 1"]));
        let asked =
            CatalogueNames { agents: words.collect(), calendars: many.clone(), lists: many };
        let found = materials(fixture, &fixture.ours, asked).await;
        assert_eq!(
            found,
            Materials {
                agents: vec![limited(&agent, AgentLimits::default())],
                calendars: vec![(samples::label("name 2499"), holidays())],
                lists: vec![(samples::label("name 0"), phones(1..=3))],
            }
        );
    }

    /// Every limit is stored exactly, alone and together with the others.
    pub async fn limits_are_found_as_they_were_set(fixture: &Fixture) {
        let agent = fixture.agent(1, &fixture.ours).await;
        let whole = samples::limits(u32::MAX);
        for limits in [
            whole.clone(),
            AgentLimits { capacity: Some(1), ..AgentLimits::default() },
            AgentLimits { hours: Some("".into()), ..AgentLimits::default() },
            AgentLimits { health_url: whole.health_url, ..AgentLimits::default() },
            AgentLimits::default(),
        ] {
            set_limits(fixture, &agent, &limits).await;
            let found = agents(fixture, &fixture.ours, ["external 1"]).await;
            assert_eq!(found, [limited(&agent, limits)]);
        }
    }

    /// A capacity of zero is refused, and the previous limits stay.
    pub async fn a_capacity_of_nothing_is_refused(fixture: &Fixture) {
        let agent = fixture.agent(1, &fixture.ours).await;
        set_limits(fixture, &agent, &samples::limits(3)).await;
        let wrong = AgentLimits { capacity: Some(0), ..AgentLimits::default() };
        let step = fixture.catalogue().set_limits(&fixture.us, &agent.id, &wrong);
        let result = fixture.refuses(step).await;
        assert!(matches!(result, Err(StoreError::Failed { .. })), "{result:?}");
        let found = agents(fixture, &fixture.ours, ["external 1"]).await;
        assert_eq!(found, [limited(&agent, samples::limits(3))]);
    }

    /// Changing or importing an agent keeps its limits. Removing it deletes them.
    pub async fn limits_stay_as_long_as_the_agent(fixture: &Fixture) {
        let agent = fixture.agent(1, &fixture.ours).await;
        set_limits(fixture, &agent, &samples::limits(3)).await;
        let mut changed = agent.clone();
        changed.profile.name = samples::label("renamed");
        fixture.agents().change(&fixture.us, None, &changed).await.unwrap();
        let expected = [limited(&changed, samples::limits(3))];
        assert_eq!(agents(fixture, &fixture.ours, ["renamed"]).await, expected);
        let import = Import {
            organization: fixture.ours.clone(),
            accounts: Vec::new(),
            agents: vec![agent.clone()],
            numbers: Vec::new(),
            at: samples::at(9),
        };
        fixture.imports().import(&fixture.operator, &import).await.unwrap();
        let expected = [limited(&agent, samples::limits(3))];
        assert_eq!(agents(fixture, &fixture.ours, ["external 1"]).await, expected);
        fixture.agents().remove(&fixture.us, &agent.id, None).await.unwrap();
        fixture.agents().add(&fixture.us, &agent).await.unwrap();
        let expected = [limited(&agent, AgentLimits::default())];
        assert_eq!(agents(fixture, &fixture.ours, ["external 1"]).await, expected);
    }

    /// An organization can neither see nor change the calendars and lists of another one, even if
    /// the names are equal.
    pub async fn what_another_organization_has_is_not_seen_or_changed(fixture: &Fixture) {
        set_calendar(fixture, "shared", Some(holidays())).await;
        set_list(fixture, "shared", Some(phones(1..=3))).await;
        let name = samples::label("shared");
        let (ours, catalogue) = (&fixture.ours, fixture.catalogue());
        for days in [Some(Vec::new()), None] {
            let step =
                catalogue.set_calendar(&fixture.them, ours, &name, &Expected::Anything, days);
            assert_missing(fixture.refuses(step).await, Entity::Organization);
        }
        for numbers in [Some(Vec::new()), None] {
            let step = catalogue.set_list(&fixture.them, ours, &name, &Expected::Anything, numbers);
            assert_missing(fixture.refuses(step).await, Entity::Organization);
        }
        assert_eq!(names(fixture, &fixture.them, ours).await, CatalogueNames::default());
        assert_eq!(names(fixture, &fixture.them, &fixture.theirs).await, CatalogueNames::default());
        let theirs = vec![samples::days("2027-01-01", "2027-01-01")];
        catalogue
            .set_calendar(&fixture.them, &fixture.theirs, &name, &Expected::Anything, Some(theirs))
            .await
            .unwrap();
        catalogue
            .set_list(&fixture.them, &fixture.theirs, &name, &Expected::Anything, Some(Vec::new()))
            .await
            .unwrap();
        assert_eq!(calendars(fixture, ["shared"]).await, [(name.clone(), holidays())]);
        assert_eq!(lists(fixture, ["shared"]).await, [(name, phones(1..=3))]);
    }

    /// The limits of an agent of another organization cannot be changed, and the agent cannot be
    /// named.
    pub async fn an_agent_of_another_organization_is_not_seen_or_changed(fixture: &Fixture) {
        let agent = fixture.agent(1, &fixture.theirs).await;
        let limits = samples::limits(1);
        let step = fixture.catalogue().set_limits(&fixture.us, &agent.id, &limits);
        assert_missing(fixture.refuses(step).await, Entity::Agent);
        let words = [agent.id.as_str(), "external 1", agent.profile.name.as_str()];
        assert_eq!(agents(fixture, &fixture.ours, words).await, []);
        let expected = [limited(&agent, AgentLimits::default())];
        assert_eq!(agents(fixture, &fixture.theirs, words).await, expected);
    }

    /// Nothing can be stored for an organization or an agent that does not exist.
    pub async fn nothing_is_kept_for_nobody(fixture: &Fixture) {
        let (nobody, name) = (samples::organization(99), samples::label("shared"));
        let (all, catalogue) = (samples::operator(), fixture.catalogue());
        for days in [Some(holidays()), None] {
            let step = catalogue.set_calendar(&all, &nobody, &name, &Expected::Anything, days);
            assert_missing(fixture.refuses(step).await, Entity::Organization);
        }
        for numbers in [Some(phones(1..=3)), None] {
            let step = catalogue.set_list(&all, &nobody, &name, &Expected::Anything, numbers);
            assert_missing(fixture.refuses(step).await, Entity::Organization);
        }
        let agent = samples::agent_id(99);
        let limits = samples::limits(1);
        let step = catalogue.set_limits(&all, &agent, &limits);
        assert_missing(fixture.refuses(step).await, Entity::Agent);
        assert_eq!(names(fixture, &all, &nobody).await, CatalogueNames::default());
    }

    /// Changes of calendars and lists appear in the change log as `Change::Everything`, and changes
    /// of limits as changes of the agent.
    pub async fn every_change_of_the_catalogue_is_recorded(fixture: &Fixture) {
        let agent = fixture.agent(1, &fixture.ours).await;
        let (us, ours, name) = (&fixture.us, &fixture.ours, samples::label("shared"));
        let (catalogue, everything) = (fixture.catalogue(), [Change::Everything]);
        for days in [Some(holidays()), Some(Vec::new()), None] {
            fixture
                .records(
                    &everything,
                    catalogue.set_calendar(us, ours, &name, &Expected::Anything, days),
                )
                .await;
        }
        for numbers in [Some(phones(1..=3)), Some(Vec::new()), None] {
            fixture
                .records(
                    &everything,
                    catalogue.set_list(us, ours, &name, &Expected::Anything, numbers),
                )
                .await;
        }
        for limits in [samples::limits(1), AgentLimits::default()] {
            let told = [Change::Agent(agent.id.clone())];
            fixture.records(&told, catalogue.set_limits(us, &agent.id, &limits)).await;
        }
    }

    /// If many tasks replace a list or a calendar at the same time, the result is exactly the value
    /// of one of them.
    pub async fn a_list_that_many_replace_at_once_is_of_one_of_them(fixture: &Fixture) {
        let results = at_once(|n| {
            let store = fixture.store();
            let (scope, owner) = (fixture.us.clone(), fixture.ours.clone());
            async move {
                let name = samples::label("shared");
                let numbers = phones(n * 100..n * 100 + 150);
                store
                    .catalogue()
                    .set_list(&scope, &owner, &name, &Expected::Anything, Some(numbers))
                    .await?;
                let days = samples::days("2026-01-01", &format!("2026-01-{:02}", n + 1));
                store
                    .catalogue()
                    .set_calendar(&scope, &owner, &name, &Expected::Anything, Some(vec![days]))
                    .await
            }
        });
        results.await.into_iter().for_each(Result::unwrap);
        let kept = lists(fixture, ["shared"]).await;
        let whole = |n: u32| phones(n * 100..n * 100 + 150);
        assert!(
            (0..crate::concurrent::TASKS).any(|n| kept[0].1 == whole(n)),
            "{:?}",
            kept[0].1.len()
        );
        assert_eq!(calendars(fixture, ["shared"]).await[0].1.len(), 1);
    }
}
