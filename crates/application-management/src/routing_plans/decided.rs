//! The numbers for which a plan decides.

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
    if let PlanPlace::Number(number) = place {
        let found = configurations.find(scope, *number).await?;
        return Ok(found.into_iter().filter(is_of_place).collect());
    }
    let account = match place {
        PlanPlace::Account(account) => Some(*account),
        PlanPlace::Number(_) | PlanPlace::Organization(_) => None,
    };
    let filter = NumberFilter { account, ..NumberFilter::default() };
    let mut decided = Vec::new();
    let mut page = Page::first(PAGE);
    loop {
        let read = configurations.list(scope, &filter, &page).await?;
        let Some(last) = read.last() else { return Ok(decided) };
        page = Page::behind(last.number.sender, PAGE);
        decided.extend(read.into_iter().filter(is_of_place));
    }
}
