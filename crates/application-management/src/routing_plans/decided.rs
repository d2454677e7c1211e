//! The numbers for which a plan decides.

use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    ConfigurationStore, ConfiguredNumber, NumberFilter, Page, PlanPlace, StoreError,
};

const PAGE: u32 = 1_000;

/// The numbers in the scope for which the plan of this place decides: those without a nearer plan.
pub async fn decided_by(
    configurations: &dyn ConfigurationStore,
    scope: &Scope,
    place: &PlanPlace,
) -> Result<Vec<ConfiguredNumber>, StoreError> {
    let is_of_place = |configured: &ConfiguredNumber| {
        configured.plan.as_ref().is_some_and(|plan| plan.place == *place)
    };
    numbers_of(configurations, scope, place, is_of_place).await
}

/// The numbers of an organization for which a plan at this place would decide: those without a nearer plan.
pub(super) async fn would_be_decided_by(
    configurations: &dyn ConfigurationStore,
    scope: &Scope,
    organization: &OrganizationId,
    place: &PlanPlace,
) -> Result<Vec<ConfiguredNumber>, StoreError> {
    let has_no_nearer = |configured: &ConfiguredNumber| {
        let plan = configured.plan.as_ref();
        configured.number.organization == *organization
            && plan.is_none_or(|plan| distance(&plan.place) >= distance(place))
    };
    numbers_of(configurations, scope, place, has_no_nearer).await
}

/// How far a place is from its numbers.
const fn distance(place: &PlanPlace) -> u8 {
    match place {
        PlanPlace::Number(_) => 0,
        PlanPlace::Account(_) => 1,
        PlanPlace::Organization(_) => 2,
    }
}

/// The numbers that a place can cover, and that are wanted.
async fn numbers_of(
    configurations: &dyn ConfigurationStore,
    scope: &Scope,
    place: &PlanPlace,
    is_wanted: impl Fn(&ConfiguredNumber) -> bool,
) -> Result<Vec<ConfiguredNumber>, StoreError> {
    if let PlanPlace::Number(number) = place {
        let found = configurations.find(scope, *number).await?;
        return Ok(found.into_iter().filter(is_wanted).collect());
    }
    let account = match place {
        PlanPlace::Account(account) => Some(*account),
        PlanPlace::Number(_) | PlanPlace::Organization(_) => None,
    };
    let filter = NumberFilter { account, ..NumberFilter::default() };
    let mut wanted = Vec::new();
    let mut page = Page::first(PAGE);
    loop {
        let read = configurations.list(scope, &filter, &page).await?;
        let Some(last) = read.last() else { return Ok(wanted) };
        page = Page::behind(last.number.sender, PAGE);
        wanted.extend(read.into_iter().filter(&is_wanted));
    }
}
