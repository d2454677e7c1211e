//! Numbers with a routing plan.

mod availability;
mod decision_services;
mod fallback_chains;
mod old_plans;
mod outages;
mod places;
pub(crate) mod planned;
mod stale_requests;
