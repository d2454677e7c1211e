//! `switchboard call …`, `switchboard message …` and `switchboard rejection …`

pub(super) mod call;
mod cursor;
mod filters;
pub(super) mod message;
mod names;
mod pages;
pub(super) mod rejection;
mod tail;
mod unused_plan;
