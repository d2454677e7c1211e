//! The laws of [`RouteStore`](switchboard_domain::ports::RouteStore).

use std::sync::Arc;

use switchboard_domain::agent::Agent;
use switchboard_domain::number::{Assignment, Channels, Number};
use switchboard_domain::ports::{Import, ImportedNumber, PlanPlace};
use switchboard_domain::routing::{Assigned, Route};

use crate::{World, orders, samples};

/// The route that a number and its agent make.
fn expected(number: &Number, agent: Option<&Agent>) -> Route {
    let assigned = number.assignment.as_ref().zip(agent).map(|(assignment, agent)| Assigned {
        agent: agent.id.clone(),
        profile: Arc::new(agent.profile.clone()),
        channels: assignment.channels,
    });
    Route {
        phone_number: number.phone_number,
        organization: number.organization.clone(),
        account: number.account,
        assigned,
        plan: None,
    }
}

/// The route of a number.
async fn route(world: &World, number: &Number) -> Option<Route> {
    world.routes.route(number.phone_number).await.unwrap()
}

laws! {
    $
    /// Stamps the laws of `RouteStore` on a harness.
    route_laws in routes;

    /// The account, the agent's whole profile and the channels are found at once.
    async fn a_route_has_the_account_the_profile_and_the_channels(world: &World) {
        let account = world.account(1, &world.ours).await;
        let agent = world.agent(1, &world.ours).await;
        let other = world.agent(2, &world.ours).await;
        let channels = Channels::parse("sms,whatsapp").unwrap();
        let assignment = Some(Assignment { agent: agent.id.clone(), channels });
        let number = Number { assignment, ..samples::number(1, &account, None) };
        world.numbers.add(&world.us, &number).await.unwrap();
        world.number(2, &account, Some(&other)).await;
        assert_eq!(route(world, &number).await, Some(expected(&number, Some(&agent))));
    }

    /// Every target survives here too, as does a profile that has none.
    async fn every_target_is_found_in_a_route(world: &World) {
        let account = world.account(1, &world.ours).await;
        let voice = samples::voice_targets().map(Some).into_iter().chain([None]);
        let message = samples::message_targets().map(Some).into_iter().chain([None, None]);
        for (n, (voice_target, message_target)) in (1..).zip(voice.zip(message)) {
            let mut agent = samples::agent(n, &world.ours);
            agent.profile = samples::bare_profile();
            (agent.profile.voice_target, agent.profile.message_target) =
                (voice_target, message_target);
            world.agents.add(&world.us, &agent).await.unwrap();
            let number = world.number(n, &account, Some(&agent)).await;
            assert_eq!(route(world, &number).await, Some(expected(&number, Some(&agent))));
        }
    }

    /// A number that nobody answers is still known, and whose it is.
    async fn a_number_that_nobody_answers_has_a_route(world: &World) {
        let account = world.account(1, &world.ours).await;
        let number = world.number(1, &account, None).await;
        assert_eq!(route(world, &number).await, Some(expected(&number, None)));
    }

    /// Absence is no error.
    async fn an_unknown_number_has_no_route(world: &World) {
        let account = world.account(1, &world.ours).await;
        world.number(1, &account, None).await;
        assert_eq!(world.routes.route(samples::phone(2)).await.unwrap(), None);
    }

    /// A call does not say which organization it is for, so every organization's numbers are found.
    async fn a_route_is_found_whichever_organization_owns_it(world: &World) {
        for (n, owner) in [(1, &world.ours), (2, &world.theirs)] {
            let account = world.account(n, owner).await;
            let agent = world.agent(n, owner).await;
            let number = world.number(n, &account, Some(&agent)).await;
            assert_eq!(route(world, &number).await, Some(expected(&number, Some(&agent))));
        }
    }

    /// What was changed is routed by at once: another agent, another profile, nobody.
    async fn a_route_is_as_the_last_change_left_it(world: &World) {
        let account = world.account(1, &world.ours).await;
        let agents = [world.agent(1, &world.ours).await, world.agent(2, &world.ours).await];
        let number = world.number(1, &account, Some(&agents[0])).await;
        world.assign(&number, Some(&agents[1])).await;
        let number = Number { assignment: Some(samples::assignment(&agents[1])), ..number };
        assert_eq!(route(world, &number).await, Some(expected(&number, Some(&agents[1]))));
        let mut changed = agents[1].clone();
        changed.profile.name = samples::label("renamed");
        changed.profile.voice_target = None;
        world.agents.change(&world.us, &changed).await.unwrap();
        assert_eq!(route(world, &number).await, Some(expected(&number, Some(&changed))));
        world.assign(&number, None).await;
        assert_eq!(route(world, &number).await, Some(expected(&number, None)));
    }

    /// Of the plans of a number, of its account and of its organization the nearest one decides, whatever was attached
    /// first; without it the next one does. Who answers without a plan is told all the same.
    async fn a_route_has_the_nearest_plan(world: &World) {
        let account = world.account(1, &world.ours).await;
        let agent = world.agent(1, &world.ours).await;
        let number = world.number(1, &account, Some(&agent)).await;
        let places = [
            PlanPlace::Number(number.phone_number),
            PlanPlace::Account(account.sid),
            PlanPlace::Organization(world.ours.clone()),
        ];
        let plans = [1, 2, 3].map(samples::plan_id);
        for n in 1..=3 {
            world.plan(n, &world.ours).await;
        }
        for order in orders::all(3) {
            let mut attached = [false; 3];
            for is_attached in [true, false] {
                for place in &order {
                    let plan = is_attached.then(|| plans[*place].clone());
                    world.plan_places.attach(&world.us, &places[*place], plan).await.unwrap();
                    attached[*place] = is_attached;
                    let nearest = attached.iter().position(|is_attached| *is_attached);
                    let plan = nearest.map(|nearest| plans[nearest].clone());
                    let expected = Route { plan, ..expected(&number, Some(&agent)) };
                    assert_eq!(route(world, &number).await, Some(expected));
                }
            }
        }
    }

    /// A plan is of what it is attached to: not of other numbers, accounts or organizations.
    async fn a_route_has_no_plan_of_others(world: &World) {
        let account = world.account(1, &world.ours).await;
        let number = world.number(1, &account, None).await;
        let other_account = world.account(2, &world.ours).await;
        let other = world.number(2, &other_account, None).await;
        let foreign = world.account(3, &world.theirs).await;
        let [ours, theirs] = [world.plan(1, &world.ours).await, world.plan(2, &world.theirs).await];
        world.number(3, &foreign, None).await;
        world.attach(&PlanPlace::Number(other.phone_number), Some(&ours)).await;
        world.attach(&PlanPlace::Account(other_account.sid), Some(&ours)).await;
        world.attach(&PlanPlace::Account(foreign.sid), Some(&theirs)).await;
        world.attach(&PlanPlace::Organization(world.theirs.clone()), Some(&theirs)).await;
        assert_eq!(route(world, &number).await, Some(expected(&number, None)));
        // One that comes to another account has that account's plan.
        let import = Import {
            organization: world.ours.clone(),
            accounts: Vec::new(),
            agents: Vec::new(),
            numbers: vec![ImportedNumber {
                phone_number: number.phone_number,
                account: other_account.sid,
                agent: None,
                channels: Channels::VOICE_AND_SMS,
            }],
            at: samples::at(9),
        };
        world.imports.import(&import).await.unwrap();
        let moved = Number { account: other_account.sid, ..number };
        let expected = Route { plan: Some(ours.id), ..expected(&moved, None) };
        assert_eq!(route(world, &moved).await, Some(expected));
    }

    /// Assigning a number and importing it leave its plan.
    async fn a_plan_stays_whoever_is_assigned(world: &World) {
        let account = world.account(1, &world.ours).await;
        let agent = world.agent(1, &world.ours).await;
        let number = world.number(1, &account, None).await;
        let plan = world.plan(1, &world.ours).await;
        world.attach(&PlanPlace::Number(number.phone_number), Some(&plan)).await;
        world.attach(&PlanPlace::Account(account.sid), Some(&plan)).await;
        world.assign(&number, Some(&agent)).await;
        world.accounts.change(&world.us, &account).await.unwrap();
        let assigned =
            Number { assignment: Some(samples::assignment(&agent)), ..number.clone() };
        let expected = Route { plan: Some(plan.id), ..expected(&assigned, Some(&agent)) };
        assert_eq!(route(world, &number).await, Some(expected.clone()));
        let import = Import {
            organization: world.ours.clone(),
            accounts: vec![account.clone()],
            agents: vec![agent.clone()],
            numbers: vec![ImportedNumber {
                phone_number: number.phone_number,
                account: account.sid,
                agent: agent.profile.external_id.clone(),
                channels: samples::assignment(&agent).channels,
            }],
            at: samples::at(9),
        };
        world.imports.import(&import).await.unwrap();
        assert_eq!(route(world, &number).await, Some(expected));
    }

    /// A number that was removed is unknown, whether an agent answered it or not.
    async fn a_removed_number_has_no_route(world: &World) {
        let account = world.account(1, &world.ours).await;
        let agent = world.agent(1, &world.ours).await;
        let other = world.number(3, &account, Some(&agent)).await;
        for (n, agent) in [(1, Some(&agent)), (2, None)] {
            let number = world.number(n, &account, agent).await;
            world.numbers.remove(&world.us, number.phone_number).await.unwrap();
            assert_eq!(route(world, &number).await, None);
        }
        assert_eq!(route(world, &other).await, Some(expected(&other, Some(&agent))));
    }
}
