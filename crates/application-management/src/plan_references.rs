//! The objects that routing plans refer to. Agents, calendars and lists that a plan refers to must
//! not be removed.

use switchboard_domain::agent::Label;
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::organization::Scope;
use switchboard_domain::plan::CatalogueNames;
use switchboard_domain::ports::{Page, PlanCodec, PlanStore, StoreError};

const PAGE: u32 = 100;

/// The name of each plan of an organization, and what its newest version refers to.
pub(crate) async fn names_of_plans(
    plans: &dyn PlanStore,
    codec: &dyn PlanCodec,
    scope: &Scope,
    organization: &OrganizationId,
) -> Result<Vec<(Label, CatalogueNames)>, StoreError> {
    let mut named = Vec::new();
    let mut page = Page::first(PAGE);
    loop {
        let read = plans.list(scope, &page).await?;
        let Some(last) = read.last() else { return Ok(named) };
        page = Page::behind(last.id.clone(), PAGE);
        let of_organization = read.into_iter().filter(|plan| plan.organization == *organization);
        // A plan that cannot be read decides nothing, so it refers to nothing.
        named.extend(
            of_organization
                .filter_map(|plan| Some((plan.name, codec.plan(&plan.document).ok()?.names()))),
        );
    }
}
