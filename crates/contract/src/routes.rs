//! The laws of [`RouteStore`](switchboard_domain::ports::RouteStore).

use itertools::Itertools as _;
use switchboard_domain::routing::{Assigned, Route};

use crate::prelude::*;
use crate::{Fixture, samples};

/// The expected route of a number and its agent.
fn expected(number: &Number, agent: Option<&Agent>) -> Route {
    let assigned = number.assignment.as_ref().zip(agent).map(|(assignment, agent)| Assigned {
        agent: agent.id.clone(),
        profile: Arc::new(agent.profile.clone()),
        channels: assignment.channels,
    });
    Route {
        sender: number.sender,
        organization: number.organization.clone(),
        account: number.account,
        assigned,
        plan: None,
    }
}

/// Returns the route of a number.
async fn route(fixture: &Fixture, number: &Number) -> Option<Route> {
    fixture.routes().route(number.sender).await.unwrap()
}

#[laws(routes::route_laws)]
pub mod laws {
    use super::*;

    /// A route contains the account, the agent's whole profile and the channels.
    pub async fn a_route_has_the_account_the_profile_and_the_channels(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.ours).await;
        let agent = fixture.agent(1, &fixture.ours).await;
        let other = fixture.agent(2, &fixture.ours).await;
        let channels = Channels::parse("sms,whatsapp").unwrap();
        let assignment = Some(Assignment { agent: agent.id.clone(), channels });
        let number = Number { assignment, ..samples::number(1, &account, None) };
        fixture.numbers().add(&fixture.us, &number).await.unwrap();
        fixture.number(2, &account, Some(&other)).await;
        assert_eq!(route(fixture, &number).await, Some(expected(&number, Some(&agent))));
    }

    /// Every target is contained in a route exactly, and so is a profile without targets.
    pub async fn every_target_is_found_in_a_route(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.ours).await;
        let voice = samples::voice_targets().map(Some).into_iter().chain([None]);
        let message = samples::message_targets().map(Some).into_iter().chain([None, None]);
        for (n, (voice_target, message_target)) in (1..).zip(voice.zip(message)) {
            let mut agent = samples::agent(n, &fixture.ours);
            agent.profile = samples::bare_profile();
            (agent.profile.voice_target, agent.profile.message_target) =
                (voice_target, message_target);
            fixture.agents().add(&fixture.us, &agent).await.unwrap();
            let number = fixture.number(n, &account, Some(&agent)).await;
            assert_eq!(route(fixture, &number).await, Some(expected(&number, Some(&agent))));
        }
    }

    /// An unassigned number has a route with its account.
    pub async fn a_number_that_nobody_answers_has_a_route(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.ours).await;
        let number = fixture.number(1, &account, None).await;
        assert_eq!(route(fixture, &number).await, Some(expected(&number, None)));
    }

    /// Looking up the route of an unknown number is not an error.
    pub async fn an_unknown_number_has_no_route(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.ours).await;
        fixture.number(1, &account, None).await;
        assert_eq!(fixture.routes().route(samples::sender(2)).await.unwrap(), None);
    }

    /// The address of a number on another channel has the route of the number, unless a sender with
    /// this address is stored.
    pub async fn a_sender_without_a_route_of_its_own_has_that_of_its_number(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.ours).await;
        let agents = [fixture.agent(1, &fixture.ours).await, fixture.agent(2, &fixture.ours).await];
        let number = fixture.number(1, &account, Some(&agents[0])).await;
        let senders = ["whatsapp", "rcs"].map(|channel| {
            Sender::parse(&format!("{channel}:{}", number.sender.as_str())).unwrap()
        });
        let other = samples::account_sid(2);
        fixture.account(2, &fixture.theirs).await;
        for sender in senders {
            let found = fixture.routes().route(sender).await.unwrap();
            assert_eq!(found, Some(expected(&number, Some(&agents[0]))));
            let own = Number {
                sender,
                account: other,
                organization: fixture.theirs.clone(),
                ..samples::number(1, &account, None)
            };
            let own = Number { assignment: None, ..own };
            fixture.numbers().add(&fixture.them, &own).await.unwrap();
            assert_eq!(fixture.routes().route(sender).await.unwrap(), Some(expected(&own, None)));
            fixture
                .numbers()
                .remove(&fixture.them, sender, SavedConfiguration::Refuse)
                .await
                .unwrap();
            let found = fixture.routes().route(sender).await.unwrap();
            assert_eq!(found, Some(expected(&number, Some(&agents[0]))));
        }
        fixture
            .numbers()
            .remove(&fixture.us, number.sender, SavedConfiguration::Refuse)
            .await
            .unwrap();
        for sender in senders {
            assert_eq!(fixture.routes().route(sender).await.unwrap(), None);
        }
    }

    /// Each kind of sender has the route of its agent.
    pub async fn a_sender_has_a_route(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.ours).await;
        let agent = fixture.agent(1, &fixture.ours).await;
        for text in ["rcs:acme_agent", "messenger:1234567890", "12345", "whatsapp:+14155550100"] {
            let sender = Sender::parse(text).unwrap();
            let number = Number { sender, ..samples::number(1, &account, Some(&agent)) };
            fixture.numbers().add(&fixture.us, &number).await.unwrap();
            assert_eq!(route(fixture, &number).await, Some(expected(&number, Some(&agent))));
        }
    }

    /// A call does not contain its organization, so the numbers of all organizations are found.
    pub async fn a_route_is_found_whichever_organization_owns_it(fixture: &Fixture) {
        for (n, owner) in [(1, &fixture.ours), (2, &fixture.theirs)] {
            let account = fixture.account(n, owner).await;
            let agent = fixture.agent(n, owner).await;
            let number = fixture.number(n, &account, Some(&agent)).await;
            assert_eq!(route(fixture, &number).await, Some(expected(&number, Some(&agent))));
        }
    }

    /// A change takes effect at once: another agent, another profile, or no agent.
    pub async fn a_route_is_as_the_last_change_left_it(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.ours).await;
        let agents = [fixture.agent(1, &fixture.ours).await, fixture.agent(2, &fixture.ours).await];
        let number = fixture.number(1, &account, Some(&agents[0])).await;
        fixture.assign(&number, Some(&agents[1])).await;
        let number = Number { assignment: Some(samples::assignment(&agents[1])), ..number };
        assert_eq!(route(fixture, &number).await, Some(expected(&number, Some(&agents[1]))));
        let mut changed = agents[1].clone();
        changed.profile.name = samples::label("renamed");
        changed.profile.voice_target = None;
        fixture.agents().change(&fixture.us, None, &changed).await.unwrap();
        assert_eq!(route(fixture, &number).await, Some(expected(&number, Some(&changed))));
        fixture.assign(&number, None).await;
        assert_eq!(route(fixture, &number).await, Some(expected(&number, None)));
    }

    /// The nearest of the plans of a number, its account and its organization decides, in whatever
    /// order they were attached. After it is detached, the next one decides. The route contains the
    /// assigned agent as well.
    pub async fn a_route_has_the_nearest_plan(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.ours).await;
        let agent = fixture.agent(1, &fixture.ours).await;
        let number = fixture.number(1, &account, Some(&agent)).await;
        let places = [
            PlanPlace::Number(number.sender),
            PlanPlace::Account(account.sid),
            PlanPlace::Organization(fixture.ours.clone()),
        ];
        let plans = [1, 2, 3].map(samples::plan_id);
        for n in 1..=3 {
            fixture.plan(n, &fixture.ours).await;
        }
        for order in (0..3_usize).permutations(3) {
            let mut attached = [false; 3];
            for is_attached in [true, false] {
                for place in &order {
                    let plan = is_attached.then(|| plans[*place].clone());
                    fixture.plan_places().attach(&fixture.us, &places[*place], plan).await.unwrap();
                    attached[*place] = is_attached;
                    let nearest = attached.iter().position(|is_attached| *is_attached);
                    let plan = nearest.map(|nearest| plans[nearest].clone());
                    let expected = Route { plan, ..expected(&number, Some(&agent)) };
                    assert_eq!(route(fixture, &number).await, Some(expected));
                }
            }
        }
    }

    /// A plan applies only to what it is attached to, not to other numbers, accounts or
    /// organizations.
    pub async fn a_route_has_no_plan_of_others(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.ours).await;
        let number = fixture.number(1, &account, None).await;
        let other_account = fixture.account(2, &fixture.ours).await;
        let other = fixture.number(2, &other_account, None).await;
        let foreign = fixture.account(3, &fixture.theirs).await;
        let [ours, theirs] =
            [fixture.plan(1, &fixture.ours).await, fixture.plan(2, &fixture.theirs).await];
        fixture.number(3, &foreign, None).await;
        fixture.attach(&PlanPlace::Number(other.sender), Some(&ours)).await;
        fixture.attach(&PlanPlace::Account(other_account.sid), Some(&ours)).await;
        fixture.attach(&PlanPlace::Account(foreign.sid), Some(&theirs)).await;
        fixture.attach(&PlanPlace::Organization(fixture.theirs.clone()), Some(&theirs)).await;
        assert_eq!(route(fixture, &number).await, Some(expected(&number, None)));
        // A number that is added to another account gets that account's plan.
        let import = Import {
            organization: fixture.ours.clone(),
            accounts: Vec::new(),
            agents: Vec::new(),
            numbers: vec![ImportedNumber {
                sender: number.sender,
                account: other_account.sid,
                agent: None,
                channels: Channels::VOICE_AND_SMS,
            }],
            at: samples::at(9),
        };
        fixture.imports().import(&fixture.operator, &import).await.unwrap();
        let moved = Number { account: other_account.sid, ..number };
        let expected = Route { plan: Some(ours.id), ..expected(&moved, None) };
        assert_eq!(route(fixture, &moved).await, Some(expected));
    }

    /// Assigning or importing a number keeps its plan.
    pub async fn a_plan_stays_whoever_is_assigned(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.ours).await;
        let agent = fixture.agent(1, &fixture.ours).await;
        let number = fixture.number(1, &account, None).await;
        let plan = fixture.plan(1, &fixture.ours).await;
        fixture.attach(&PlanPlace::Number(number.sender), Some(&plan)).await;
        fixture.attach(&PlanPlace::Account(account.sid), Some(&plan)).await;
        fixture.assign(&number, Some(&agent)).await;
        fixture.accounts().change(&fixture.us, None, &account).await.unwrap();
        let assigned = Number { assignment: Some(samples::assignment(&agent)), ..number.clone() };
        let expected = Route { plan: Some(plan.id), ..expected(&assigned, Some(&agent)) };
        assert_eq!(route(fixture, &number).await, Some(expected.clone()));
        let import = Import {
            organization: fixture.ours.clone(),
            accounts: vec![account.clone()],
            agents: vec![agent.clone()],
            numbers: vec![ImportedNumber {
                sender: number.sender,
                account: account.sid,
                agent: agent.profile.external_id.clone(),
                channels: samples::assignment(&agent).channels,
            }],
            at: samples::at(9),
        };
        fixture.imports().import(&fixture.operator, &import).await.unwrap();
        assert_eq!(route(fixture, &number).await, Some(expected));
    }

    /// A removed number has no route, whether it was assigned or not.
    pub async fn a_removed_number_has_no_route(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.ours).await;
        let agent = fixture.agent(1, &fixture.ours).await;
        let other = fixture.number(3, &account, Some(&agent)).await;
        for (n, agent) in [(1, Some(&agent)), (2, None)] {
            let number = fixture.number(n, &account, agent).await;
            fixture
                .numbers()
                .remove(&fixture.us, number.sender, SavedConfiguration::Refuse)
                .await
                .unwrap();
            assert_eq!(route(fixture, &number).await, None);
        }
        assert_eq!(route(fixture, &other).await, Some(expected(&other, Some(&agent))));
    }
}
