//! Determines the impact of a plan: the numbers for which it decides, and their calls and messages of the last week.

use switchboard_domain::identifier::PlanId;
use switchboard_domain::number::Number;
use switchboard_domain::organization::Scope;
use switchboard_domain::plan::Plan;
use switchboard_domain::ports::{NumberFilter, Page, PlanPlace, SavedPlan};
use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;

use super::{Attachments, PlanError, ReplayPlan, ReplayTerms, Replayed, Replaying};

const PAGE: u32 = 1_000;
/// The length of the replayed period in seconds.
const WEEK: i64 = 7 * 24 * 3_600;

/// Determines the impact of plans.
pub struct TouchPlan {
    /// Replays recorded calls and messages.
    pub replay: ReplayPlan,
}

/// The impact of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// Whether it is the default of its organization.
    pub organization: bool,
    /// The accounts that it is attached to.
    pub accounts: Vec<AccountSid>,
    /// Numbers that it decides for: those that it is attached to, and those of its accounts and of its organization
    /// without a nearer plan.
    pub numbers: u64,
    /// Calls and messages of these numbers in the last seven days.
    pub replayed: Replayed,
}

impl Touched {
    const fn is_nothing(&self) -> bool {
        !self.organization && self.accounts.is_empty() && self.numbers == 0
    }
}

impl TouchPlan {
    /// The impact that a version would have if it was saved now.
    pub async fn of(
        &self,
        scope: &Scope,
        version: &SavedPlan,
        plan: &Plan,
        now: Timestamp,
        mut progress: impl FnMut(&Replayed),
    ) -> Result<Touched, PlanError> {
        let touched = self.attached(scope, &version.id).await?;
        if touched.is_nothing() {
            return Ok(touched);
        }
        let terms = ReplayTerms {
            organization: version.organization.clone(),
            from: now.plus_seconds(-WEEK),
            until: now.plus_seconds(1),
            of: Replaying::Plan(version.id.clone()),
            most: None,
        };
        let report = async |_changes, counts: &Replayed| {
            progress(counts);
            Ok::<_, PlanError>(())
        };
        let replayed = self.replay.replay(scope, plan, &terms, report).await?;
        Ok(Touched { replayed, ..touched })
    }

    /// What a plan is attached to, without its calls and messages.
    pub async fn attached(&self, scope: &Scope, id: &PlanId) -> Result<Touched, PlanError> {
        let places = self.replay.places.places(scope, id).await;
        let places = places.map_err(PlanError::store("reading what the plan is attached to"))?;
        if places.is_empty() {
            return Ok(Touched::default());
        }
        let numbers = self.numbers(scope, id, &places).await?;
        let mut touched = Touched { numbers, ..Touched::default() };
        for place in places {
            match place {
                PlanPlace::Organization(_) => touched.organization = true,
                PlanPlace::Account(account) => touched.accounts.push(account),
                PlanPlace::Number(_) => {}
            }
        }
        Ok(touched)
    }

    /// The number of numbers for which a plan decides.
    async fn numbers(
        &self,
        scope: &Scope,
        id: &PlanId,
        places: &[PlanPlace],
    ) -> Result<u64, PlanError> {
        let replay = &self.replay;
        let attachments =
            Attachments::read(scope, replay.plans.as_ref(), replay.places.as_ref()).await?;
        let decides = |number: &Number| {
            let Number { sender, account, organization, .. } = number;
            attachments.nearest(*sender, *account, organization) == Some(id)
        };
        let mut count = 0;
        let is_default = places.iter().any(|place| matches!(place, PlanPlace::Organization(_)));
        if is_default {
            return self.count(scope, NumberFilter::default(), &decides).await;
        }
        for place in places {
            count += match place {
                PlanPlace::Number(_) => 1,
                PlanPlace::Account(account) => {
                    let filter =
                        NumberFilter { account: Some(*account), ..NumberFilter::default() };
                    // Numbers with this plan of their own are already counted.
                    let by_account = |number: &Number| {
                        decides(number) && !places.contains(&PlanPlace::Number(number.sender))
                    };
                    self.count(scope, filter, &by_account).await?
                }
                PlanPlace::Organization(_) => 0,
            };
        }
        Ok(count)
    }

    async fn count(
        &self,
        scope: &Scope,
        filter: NumberFilter,
        is_counted: &(dyn Fn(&Number) -> bool + Sync),
    ) -> Result<u64, PlanError> {
        let mut count = 0;
        let mut page = Page::first(PAGE);
        loop {
            let numbers = self.replay.numbers.list(scope, &filter, &page).await;
            let numbers = numbers.map_err(PlanError::store("counting numbers"))?;
            let Some(last) = numbers.last() else { return Ok(count) };
            page = Page::behind(last.sender, PAGE);
            count += numbers.iter().filter(|number| is_counted(number)).count() as u64;
        }
    }
}
