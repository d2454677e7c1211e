//! The laws of [`CatalogueStore`](switchboard_domain::ports::CatalogueStore).

use std::sync::Arc;

use switchboard_domain::agent::{Agent, Label};
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::organization::Scope;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::plan::{CatalogueNames, DateRange};
use switchboard_domain::ports::{
    AgentLimits, CatalogueAgent, Change, Entity, Import, Materials, StoreError,
};

use crate::crowd::at_once;
use crate::{World, refused, samples};

/// The labels of these texts.
fn labels<const N: usize>(texts: [&str; N]) -> Vec<Label> {
    texts.map(samples::label).to_vec()
}

/// Numbers of a list.
fn phones(numbers: impl IntoIterator<Item = u32>) -> Vec<PhoneNumber> {
    numbers.into_iter().map(samples::phone).collect()
}

/// Some days that are neither in order nor apart.
fn holidays() -> Vec<DateRange> {
    vec![
        samples::days("2026-12-24", "2027-01-01"),
        samples::days("2026-07-04", "2026-07-04"),
        samples::days("2026-12-25", "2026-12-26"),
    ]
}

async fn set_calendar(world: &World, name: &str, days: Option<Vec<DateRange>>) {
    let name = samples::label(name);
    world.catalogue.set_calendar(&world.us, &world.ours, &name, days).await.unwrap();
}

async fn set_list(world: &World, name: &str, numbers: Option<Vec<PhoneNumber>>) {
    let name = samples::label(name);
    world.catalogue.set_list(&world.us, &world.ours, &name, numbers).await.unwrap();
}

async fn set_limits(world: &World, agent: &Agent, limits: &AgentLimits) {
    world.catalogue.set_limits(&world.us, &agent.id, limits).await.unwrap();
}

/// What is behind names in an organization.
async fn materials(world: &World, owner: &OrganizationId, names: CatalogueNames) -> Materials {
    world.catalogue.materials(owner, &names).await.unwrap()
}

/// The calendars of ours that have these names.
async fn calendars<const N: usize>(
    world: &World,
    names: [&str; N],
) -> Vec<(Label, Vec<DateRange>)> {
    let names = CatalogueNames { calendars: labels(names), ..CatalogueNames::default() };
    let found = materials(world, &world.ours, names).await;
    assert_eq!((found.agents, found.lists), (Vec::new(), Vec::new()));
    found.calendars
}

/// The lists of ours that have these names.
async fn lists<const N: usize>(world: &World, names: [&str; N]) -> Vec<(Label, Vec<PhoneNumber>)> {
    let names = CatalogueNames { lists: labels(names), ..CatalogueNames::default() };
    let found = materials(world, &world.ours, names).await;
    assert_eq!((found.agents, found.calendars), (Vec::new(), Vec::new()));
    found.lists
}

/// The agents of an organization that these words name, in the order of their ids.
async fn agents<const N: usize>(
    world: &World,
    owner: &OrganizationId,
    words: [&str; N],
) -> Vec<CatalogueAgent> {
    let names = CatalogueNames { agents: labels(words), ..CatalogueNames::default() };
    let mut found = materials(world, owner, names).await;
    assert_eq!((found.calendars, found.lists), (Vec::new(), Vec::new()));
    found.agents.sort_by(|one, two| one.id.cmp(&two.id));
    found.agents
}

/// An agent with its limits.
fn limited(agent: &Agent, limits: AgentLimits) -> CatalogueAgent {
    CatalogueAgent { id: agent.id.clone(), profile: agent.profile.clone(), limits }
}

/// The names that a scope sees of an organization.
async fn names(world: &World, scope: &Scope, owner: &OrganizationId) -> CatalogueNames {
    world.catalogue.names(scope, owner).await.unwrap()
}

/// Takes a step, after which the change was told.
async fn tells(world: &World, expected: &Change, step: impl AsyncFnOnce()) {
    let before = world.changes.version().await.unwrap();
    step().await;
    let told = world.changes.since(before).await.unwrap();
    let is_told = |told: &Change| told == expected || *told == Change::Everything;
    assert!(told.changes.iter().any(is_told), "{expected:?} is not in {told:?}");
}

/// Whatever was refused is gone from nobody and told to nobody.
async fn refuse(
    world: &World,
    step: impl AsyncFnOnce() -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let before = world.changes.version().await.unwrap();
    let result = step().await;
    assert_eq!(world.changes.version().await.unwrap(), before);
    result
}

laws! {
    $
    /// Stamps the laws of `CatalogueStore` on a harness.
    catalogue_laws in catalogue;

    /// A calendar has its days as they were given, and may have none.
    async fn a_calendar_is_found_as_it_was_set(world: &World) {
        for (name, days) in [("holidays", holidays()), (samples::UNICODE, holidays()), ("none", Vec::new())] {
            set_calendar(world, name, Some(days.clone())).await;
            assert_eq!(calendars(world, [name]).await, [(samples::label(name), days)]);
        }
    }

    /// A calendar that is set again has the new days only.
    async fn a_calendar_is_replaced(world: &World) {
        set_calendar(world, "holidays", Some(holidays())).await;
        set_calendar(world, "others", Some(holidays())).await;
        let days = vec![samples::days("2027-01-01", "2027-01-01")];
        set_calendar(world, "holidays", Some(days.clone())).await;
        assert_eq!(calendars(world, ["holidays"]).await[0].1, days);
        assert_eq!(calendars(world, ["others"]).await[0].1, holidays());
    }

    /// A list has each of its numbers once and in order, and may have none.
    async fn a_list_has_each_of_its_numbers_once(world: &World) {
        let given = phones([5, 3, 5, 9, 3]);
        for (name, numbers, expected) in [
            ("vip", given.clone(), phones([3, 5, 9])),
            (samples::UNICODE, given, phones([3, 5, 9])),
            ("none", Vec::new(), Vec::new()),
        ] {
            set_list(world, name, Some(numbers)).await;
            assert_eq!(lists(world, [name]).await, [(samples::label(name), expected)]);
        }
    }

    /// A list that is set again has the new numbers only.
    async fn a_list_is_replaced(world: &World) {
        set_list(world, "vip", Some(phones(1..=9))).await;
        set_list(world, "others", Some(phones(1..=9))).await;
        set_list(world, "vip", Some(phones(5..=12))).await;
        assert_eq!(lists(world, ["vip"]).await[0].1, phones(5..=12));
        assert_eq!(lists(world, ["others"]).await[0].1, phones(1..=9));
    }

    /// A list of a hundred thousand numbers is set, found, replaced and removed.
    async fn a_list_of_a_hundred_thousand_numbers_works(world: &World) {
        set_list(world, "all", Some(phones(0..100_000))).await;
        assert!(lists(world, ["all"]).await[0].1 == phones(0..100_000));
        set_list(world, "all", Some(phones(50_000..150_000))).await;
        assert!(lists(world, ["all"]).await[0].1 == phones(50_000..150_000));
        set_list(world, "all", None).await;
        assert_eq!(lists(world, ["all"]).await, []);
    }

    /// What was removed is gone, and is not there to be removed again.
    async fn what_was_removed_is_gone(world: &World) {
        set_calendar(world, "shared", Some(holidays())).await;
        set_list(world, "shared", Some(phones(1..=3))).await;
        let name = samples::label("shared");
        set_calendar(world, "shared", None).await;
        assert_eq!(calendars(world, ["shared"]).await, []);
        assert_eq!(lists(world, ["shared"]).await.len(), 1);
        set_list(world, "shared", None).await;
        assert_eq!(lists(world, ["shared"]).await, []);
        let (scope, owner) = (&world.us, &world.ours);
        let again = refuse(world, async || world.catalogue.set_calendar(scope, owner, &name, None).await);
        refused::missing(again.await, Entity::Calendar);
        let again = refuse(world, async || world.catalogue.set_list(scope, owner, &name, None).await);
        refused::missing(again.await, Entity::List);
        set_list(world, "shared", Some(Vec::new())).await;
        assert_eq!(lists(world, ["shared"]).await[0].1, []);
    }

    /// Names are told in order; those of agents are not.
    async fn names_are_told_in_order(world: &World) {
        assert_eq!(names(world, &world.us, &world.ours).await, CatalogueNames::default());
        world.agent(1, &world.ours).await;
        let words = ["b", "B", "é", "e\u{301}", "a", "世界", "a b", "_"];
        for word in words {
            set_calendar(world, &format!("calendar {word}"), Some(holidays())).await;
            set_list(world, &format!("list {word}"), Some(phones(1..=2))).await;
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
        assert_eq!(names(world, &world.us, &world.ours).await, expected);
        assert_eq!(names(world, &Scope::Operator, &world.ours).await, expected);
    }

    /// Of what is asked for, what is there is told, once; nothing else is.
    async fn what_is_behind_names_is_told_once(world: &World) {
        for name in ["one", "two", "three"] {
            set_calendar(world, name, Some(holidays())).await;
            set_list(world, name, Some(phones(1..=3))).await;
        }
        let agent = world.agent(1, &world.ours).await;
        world.agent(2, &world.ours).await;
        let asked = labels(["two", "nothing", "one", "two", "One", "tw"]);
        let asked = CatalogueNames {
            agents: labels(["external 1", "nobody", "external 1"]),
            calendars: asked.clone(),
            lists: asked,
        };
        let mut found = materials(world, &world.ours, asked).await;
        found.calendars.sort_unstable();
        found.lists.sort_unstable();
        assert_eq!(found, Materials {
            agents: vec![limited(&agent, AgentLimits::default())],
            calendars: labels(["one", "two"]).into_iter().map(|name| (name, holidays())).collect(),
            lists: labels(["one", "two"]).into_iter().map(|name| (name, phones(1..=3))).collect(),
        });
        let nothing = materials(world, &world.ours, CatalogueNames::default()).await;
        assert_eq!(nothing, Materials::default());
    }

    /// An agent is named by its id, its external id and its name; one that several words name is told once, and
    /// several that one word names are all told.
    async fn an_agent_is_named_by_id_external_id_and_name(world: &World) {
        let one = world.agent(1, &world.ours).await;
        let mut two = samples::agent(2, &world.ours);
        two.profile.name = samples::label("external 1");
        two.profile.external_id = None;
        world.agents.add(&world.us, &two).await.unwrap();
        let none = AgentLimits::default;
        let (one, two) = (limited(&one, none()), limited(&two, none()));
        let (id, name) = (one.id.to_string(), one.profile.name.as_str().to_owned());
        let only = std::slice::from_ref(&one);
        assert_eq!(agents(world, &world.ours, [&id]).await, only);
        assert_eq!(agents(world, &world.ours, [&name]).await, only);
        assert_eq!(agents(world, &world.ours, [&name, &id]).await, only);
        assert_eq!(agents(world, &world.ours, ["external 1"]).await, [one, two.clone()]);
        assert_eq!(agents(world, &world.ours, [two.id.as_str()]).await, [two]);
        assert_eq!(agents(world, &world.ours, ["External 1", "agent"]).await, []);
    }

    /// Many names are looked up at once, of which most are nothing.
    async fn thousands_of_names_are_looked_up_at_once(world: &World) {
        let agent = world.agent(1, &world.ours).await;
        set_calendar(world, "name 2499", Some(holidays())).await;
        set_list(world, "name 0", Some(phones(1..=3))).await;
        let many: Vec<_> = (0..2_500).map(|n| samples::label(&format!("name {n}"))).collect();
        let words = many.iter().cloned().chain(labels(["external 1"]));
        let asked = CatalogueNames { agents: words.collect(), calendars: many.clone(), lists: many };
        let found = materials(world, &world.ours, asked).await;
        assert_eq!(found, Materials {
            agents: vec![limited(&agent, AgentLimits::default())],
            calendars: vec![(samples::label("name 2499"), holidays())],
            lists: vec![(samples::label("name 0"), phones(1..=3))],
        });
    }

    /// Every target and every limit survives, each with and without the others.
    async fn limits_are_found_as_they_were_set(world: &World) {
        let agent = world.agent(1, &world.ours).await;
        let whole = samples::limits(u32::MAX);
        for limits in [
            whole.clone(),
            AgentLimits { capacity: Some(1), ..AgentLimits::default() },
            AgentLimits { hours: Some(String::new()), ..AgentLimits::default() },
            AgentLimits { health_url: whole.health_url, ..AgentLimits::default() },
            AgentLimits::default(),
        ] {
            set_limits(world, &agent, &limits).await;
            let found = agents(world, &world.ours, ["external 1"]).await;
            assert_eq!(found, [limited(&agent, limits)]);
        }
    }

    /// A capacity of no calls is no capacity, and what was set before stays.
    async fn a_capacity_of_nothing_is_refused(world: &World) {
        let agent = world.agent(1, &world.ours).await;
        set_limits(world, &agent, &samples::limits(3)).await;
        let wrong = AgentLimits { capacity: Some(0), ..AgentLimits::default() };
        let step = async || world.catalogue.set_limits(&world.us, &agent.id, &wrong).await;
        let result = refuse(world, step).await;
        assert!(matches!(result, Err(StoreError::Failed { .. })), "{result:?}");
        let found = agents(world, &world.ours, ["external 1"]).await;
        assert_eq!(found, [limited(&agent, samples::limits(3))]);
    }

    /// Changing an agent, or importing it again, leaves its limits; removing it takes them along.
    async fn limits_stay_as_long_as_the_agent(world: &World) {
        let agent = world.agent(1, &world.ours).await;
        set_limits(world, &agent, &samples::limits(3)).await;
        let mut changed = agent.clone();
        changed.profile.name = samples::label("renamed");
        world.agents.change(&world.us, &changed).await.unwrap();
        let expected = [limited(&changed, samples::limits(3))];
        assert_eq!(agents(world, &world.ours, ["renamed"]).await, expected);
        let import = Import {
            organization: world.ours.clone(),
            accounts: Vec::new(),
            agents: vec![agent.clone()],
            numbers: Vec::new(),
            at: samples::at(9),
        };
        world.imports.import(&import).await.unwrap();
        let expected = [limited(&agent, samples::limits(3))];
        assert_eq!(agents(world, &world.ours, ["external 1"]).await, expected);
        world.agents.remove(&world.us, &agent.id).await.unwrap();
        world.agents.add(&world.us, &agent).await.unwrap();
        let expected = [limited(&agent, AgentLimits::default())];
        assert_eq!(agents(world, &world.ours, ["external 1"]).await, expected);
    }

    /// Nobody sees or changes what another organization has by name.
    async fn what_another_organization_has_is_not_seen_or_changed(world: &World) {
        set_calendar(world, "shared", Some(holidays())).await;
        set_list(world, "shared", Some(phones(1..=3))).await;
        let name = samples::label("shared");
        let (ours, catalogue) = (&world.ours, &world.catalogue);
        for days in [Some(Vec::new()), None] {
            let step = async || catalogue.set_calendar(&world.them, ours, &name, days).await;
            refused::missing(refuse(world, step).await, Entity::Organization);
        }
        for numbers in [Some(Vec::new()), None] {
            let step = async || catalogue.set_list(&world.them, ours, &name, numbers).await;
            refused::missing(refuse(world, step).await, Entity::Organization);
        }
        assert_eq!(names(world, &world.them, ours).await, CatalogueNames::default());
        assert_eq!(names(world, &world.them, &world.theirs).await, CatalogueNames::default());
        let theirs = vec![samples::days("2027-01-01", "2027-01-01")];
        catalogue.set_calendar(&world.them, &world.theirs, &name, Some(theirs)).await.unwrap();
        catalogue.set_list(&world.them, &world.theirs, &name, Some(Vec::new())).await.unwrap();
        assert_eq!(calendars(world, ["shared"]).await, [(name.clone(), holidays())]);
        assert_eq!(lists(world, ["shared"]).await, [(name, phones(1..=3))]);
    }

    /// Nobody limits an agent of another organization, and no plan gets one.
    async fn an_agent_of_another_organization_is_not_seen_or_changed(world: &World) {
        let agent = world.agent(1, &world.theirs).await;
        let step = async || {
            world.catalogue.set_limits(&world.us, &agent.id, &samples::limits(1)).await
        };
        refused::missing(refuse(world, step).await, Entity::Agent);
        let words = [agent.id.as_str(), "external 1", agent.profile.name.as_str()];
        assert_eq!(agents(world, &world.ours, words).await, []);
        let expected = [limited(&agent, AgentLimits::default())];
        assert_eq!(agents(world, &world.theirs, words).await, expected);
    }

    /// Nothing is kept for an organization or an agent that is not there.
    async fn nothing_is_kept_for_nobody(world: &World) {
        let (nobody, name) = (samples::organization(99), samples::label("shared"));
        let (all, catalogue) = (Scope::Operator, &world.catalogue);
        for days in [Some(holidays()), None] {
            let step = async || catalogue.set_calendar(&all, &nobody, &name, days).await;
            refused::missing(refuse(world, step).await, Entity::Organization);
        }
        for numbers in [Some(phones(1..=3)), None] {
            let step = async || catalogue.set_list(&all, &nobody, &name, numbers).await;
            refused::missing(refuse(world, step).await, Entity::Organization);
        }
        let agent = samples::agent_id(99);
        let step = async || catalogue.set_limits(&all, &agent, &samples::limits(1)).await;
        refused::missing(refuse(world, step).await, Entity::Agent);
        assert_eq!(names(world, &all, &nobody).await, CatalogueNames::default());
    }

    /// Whoever keeps a copy hears of calendars and lists as of everything, and of limits as of the agent.
    async fn every_change_of_the_catalogue_is_told(world: &World) {
        let agent = world.agent(1, &world.ours).await;
        let everything = Change::Everything;
        for days in [Some(holidays()), Some(Vec::new()), None] {
            tells(world, &everything, async || set_calendar(world, "shared", days).await).await;
        }
        for numbers in [Some(phones(1..=3)), Some(Vec::new()), None] {
            tells(world, &everything, async || set_list(world, "shared", numbers).await).await;
        }
        for limits in [samples::limits(1), AgentLimits::default()] {
            let told = Change::Agent(agent.id.clone());
            tells(world, &told, async || set_limits(world, &agent, &limits).await).await;
        }
    }

    /// Of many who replace a list at once, one is the last, and the list is his and nobody else's; so is a calendar.
    async fn a_list_that_many_replace_at_once_is_of_one_of_them(world: &World) {
        let results = at_once(|n| {
            let catalogue = Arc::clone(&world.catalogue);
            let (scope, owner) = (world.us.clone(), world.ours.clone());
            async move {
                let name = samples::label("shared");
                let numbers = phones(n * 100..n * 100 + 150);
                catalogue.set_list(&scope, &owner, &name, Some(numbers)).await?;
                let days = samples::days("2026-01-01", &format!("2026-01-{:02}", n + 1));
                catalogue.set_calendar(&scope, &owner, &name, Some(vec![days])).await
            }
        });
        for result in results.await {
            result.unwrap();
        }
        let kept = lists(world, ["shared"]).await;
        let whole = |n: u32| phones(n * 100..n * 100 + 150);
        assert!((0..crate::crowd::CROWD).any(|n| kept[0].1 == whole(n)), "{:?}", kept[0].1.len());
        assert_eq!(calendars(world, ["shared"]).await[0].1.len(), 1);
    }
}
