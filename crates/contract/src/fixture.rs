//! The fixture of the laws: a store with two organizations, and methods that fill it.

use switchboard_domain::organization::{Organization, default_organization};

use crate::prelude::*;
use crate::{Harness, Reopen, samples};

/// A new store that contains two organizations and nothing else. It derefs to the store.
pub struct Fixture {
    store: Arc<dyn Store>,
    reopen: Option<Reopen>,
    /// The id of the default organization.
    pub ours: OrganizationId,
    /// The id of another organization.
    pub theirs: OrganizationId,
    /// An author who may change the default organization.
    pub us: Author,
    /// An author who may change the other organization.
    pub them: Author,
    /// An author who may change everything.
    pub operator: Author,
}

impl Deref for Fixture {
    type Target = dyn Store;

    fn deref(&self) -> &Self::Target {
        self.store.as_ref()
    }
}

impl Fixture {
    pub(crate) async fn of<H: Harness>(harness: &H) -> Self {
        let (ours, theirs) = (default_organization(), samples::organization(1));
        let store = harness.store();
        let operator = samples::operator();
        let others = Organization {
            id: theirs.clone(),
            name: samples::label("the others"),
            created_at: Timestamp::from_seconds(0),
        };
        store.organizations().add(&operator, &others).await.unwrap();
        Self {
            store,
            reopen: harness.reopen(),
            us: samples::author(Scope::Organization(ours.clone())),
            them: samples::author(Scope::Organization(theirs.clone())),
            operator,
            ours,
            theirs,
        }
    }

    /// The store, for tasks that own it.
    pub(crate) fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }

    /// Opens a second store over the same data; `None` if the store is not durable.
    pub(crate) async fn reopened(&self) -> Option<Arc<dyn Store>> {
        let reopen = self.reopen.as_ref()?;
        Some(reopen().await)
    }

    /// Adds sample account `n` to an organization.
    pub(crate) async fn account(&self, n: u32, owner: &OrganizationId) -> Account {
        let account = samples::account(n, owner);
        self.accounts().add(&self.operator, &account).await.unwrap();
        account
    }

    /// Adds sample agent `n` to an organization.
    pub(crate) async fn agent(&self, n: u32, owner: &OrganizationId) -> Agent {
        let agent = samples::agent(n, owner);
        self.agents().add(&self.operator, &agent).await.unwrap();
        agent
    }

    /// Adds sample number `n` to the organization of its account.
    pub(crate) async fn number(&self, n: u32, account: &Account, agent: Option<&Agent>) -> Number {
        let number = samples::number(n, account, agent);
        self.numbers().add(&self.operator, &number).await.unwrap();
        number
    }

    /// Saves the first version of sample plan `n` for an organization.
    pub(crate) async fn plan(&self, n: u32, owner: &OrganizationId) -> SavedPlan {
        let plan = samples::plan(n, owner, 1);
        self.plans().save(&self.operator, &plan).await.unwrap();
        plan
    }

    /// Attaches a plan to a place, or detaches the plan of the place.
    pub(crate) async fn attach(&self, place: &PlanPlace, plan: Option<&SavedPlan>) {
        let plan = plan.map(|plan| plan.id.clone());
        self.plan_places().attach(&self.operator, place, plan).await.unwrap();
    }

    /// Assigns a number to an agent, or unassigns it.
    pub(crate) async fn assign(&self, number: &Number, agent: Option<&Agent>) {
        let assignment: Option<Assignment> = agent.map(samples::assignment);
        self.numbers().assign(&self.operator, number.sender, assignment).await.unwrap();
    }

    /// Performs a step, and checks that it increases the version and records at least these changes.
    pub(crate) async fn records<T>(
        &self,
        expected: &[Change],
        step: impl Future<Output = Result<T, StoreError>>,
    ) {
        let before = self.changes().version().await.unwrap();
        step.await.unwrap();
        let after = self.changes().version().await.unwrap();
        assert!(after > before, "the version of {expected:?} is {after}, and it was {before}");
        let recorded = self.changes().since(before).await.unwrap();
        assert_eq!(recorded.version, after);
        for change in expected {
            let is_change = |other: &Change| other == change || *other == Change::Everything;
            assert!(recorded.changes.iter().any(is_change), "{change:?} is not in {recorded:?}");
        }
    }

    /// Performs a step that must fail, and checks that it records no change.
    pub(crate) async fn refuses<T>(
        &self,
        step: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let before = self.changes().version().await.unwrap();
        let result = step.await;
        assert_eq!(self.changes().version().await.unwrap(), before, "a change was recorded");
        result
    }
}

/// Checks one law on a new store.
pub async fn check<H: Harness>(law: impl AsyncFnOnce(&Fixture)) {
    let harness = H::fresh().await;
    let fixture = Fixture::of(&harness).await;
    law(&fixture).await;
}
