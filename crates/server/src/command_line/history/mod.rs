//! The commands that look up what happened: `switchboard call …`, `switchboard consent …`, `switchboard conversation …`,
//! `switchboard delivery …`, `switchboard event …`, `switchboard message …` and `switchboard rejection …`

pub(super) mod call;
pub(super) mod consent;
pub(super) mod conversation;
pub(super) mod delivery;
pub(super) mod event;
mod filters;
pub(super) mod message;
mod names;
mod pages;
pub(super) mod rejection;
mod replay;
mod tail;
mod unused_plan;
