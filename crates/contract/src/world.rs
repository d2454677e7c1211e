//! What a law finds: a store with two organizations, and short ways to fill it.

use std::ops::Deref;

use switchboard_domain::account::Account;
use switchboard_domain::agent::Agent;
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::number::{Assignment, Number};
use switchboard_domain::organization::{Scope, default_organization};
use switchboard_domain::ports::{PlanPlace, SavedPlan};

use crate::{Harness, Stores, samples};

/// A fresh store with two organizations in it, and nothing else. It derefs to the ports.
pub struct World {
    stores: Stores,
    /// The default organization.
    pub ours: OrganizationId,
    /// Another organization.
    pub theirs: OrganizationId,
    /// What belongs to the default organization.
    pub us: Scope,
    /// What belongs to the other organization.
    pub them: Scope,
}

impl Deref for World {
    type Target = Stores;

    fn deref(&self) -> &Stores {
        &self.stores
    }
}

impl World {
    pub(crate) async fn of<H: Harness>(harness: &H) -> Self {
        let (ours, theirs) = (default_organization(), samples::organization(1));
        harness.organization(&theirs, "the others").await;
        Self {
            stores: harness.stores(),
            us: Scope::Organization(ours.clone()),
            them: Scope::Organization(theirs.clone()),
            ours,
            theirs,
        }
    }

    /// Adds the account of that number to an organization.
    pub(crate) async fn account(&self, n: u32, owner: &OrganizationId) -> Account {
        let account = samples::account(n, owner);
        self.accounts.add(&Scope::Operator, &account).await.unwrap();
        account
    }

    /// Adds the agent of that number to an organization.
    pub(crate) async fn agent(&self, n: u32, owner: &OrganizationId) -> Agent {
        let agent = samples::agent(n, owner);
        self.agents.add(&Scope::Operator, &agent).await.unwrap();
        agent
    }

    /// Adds the number of that number to the organization of its account.
    pub(crate) async fn number(&self, n: u32, account: &Account, agent: Option<&Agent>) -> Number {
        let number = samples::number(n, account, agent);
        self.numbers.add(&Scope::Operator, &number).await.unwrap();
        number
    }

    /// Saves the first version of the plan of that number for an organization.
    pub(crate) async fn plan(&self, n: u32, owner: &OrganizationId) -> SavedPlan {
        let plan = samples::plan(n, owner, 1);
        self.plans.save(&Scope::Operator, &plan).await.unwrap();
        plan
    }

    /// Attaches a plan to a place, or none.
    pub(crate) async fn attach(&self, place: &PlanPlace, plan: Option<&SavedPlan>) {
        let plan = plan.map(|plan| plan.id.clone());
        self.plan_places.attach(&Scope::Operator, place, plan).await.unwrap();
    }

    /// Gives a number to an agent, or to nobody.
    pub(crate) async fn assign(&self, number: &Number, agent: Option<&Agent>) {
        let assignment: Option<Assignment> = agent.map(samples::assignment);
        self.numbers.assign(&Scope::Operator, number.phone_number, assignment).await.unwrap();
    }
}
