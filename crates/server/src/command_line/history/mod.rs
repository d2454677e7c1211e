//! The commands that look up what happened: `switchboard audit …`, `switchboard call …`, `switchboard consent …`, `switchboard conversation …`,
//! `switchboard delivery …`, `switchboard event …`, `switchboard message …` and `switchboard rejection …`

pub(super) mod audit;
pub(super) mod call;
pub(super) mod consent;
pub(super) mod conversation;
pub(super) mod delivery;
pub(super) mod event;
pub(super) mod filters;
mod followed;
pub(super) mod message;
mod pages;
pub(super) mod rejection;
mod replay;
mod reveal;
mod tail;

use switchboard_admin::Reading;
use switchboard_admin::objects::NumberDisplay;
use switchboard_domain::organization::Scope;

use super::wording::CommandLineWording;
use crate::installation::Installation;

/// Reads and renders records.
fn reading(installation: &Installation, phone_numbers: NumberDisplay) -> Reading<'_> {
    Reading::new(installation.store.as_ref(), &Scope::Operator, &CommandLineWording, phone_numbers)
}
