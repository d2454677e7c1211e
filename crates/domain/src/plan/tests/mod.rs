//! What plans promise, over many plans and callers.

mod clocks;
mod fallback_chains;
mod problems;
mod promises;
mod rig;
