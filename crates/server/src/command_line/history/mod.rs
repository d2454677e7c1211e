//! `switchboard call …`, `switchboard delivery …`, `switchboard message …` and `switchboard rejection …`

pub(super) mod call;
mod cursor;
pub(super) mod delivery;
mod filters;
pub(super) mod message;
mod names;
mod pages;
pub(super) mod rejection;
mod tail;
mod unused_plan;
