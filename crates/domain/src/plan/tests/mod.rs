//! What plans promise, over many plans and callers.

mod clocks;
mod ladders;
mod problems;
mod promises;
mod rig;
