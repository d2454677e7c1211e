//! Tests of compiled plans.

mod clocks;
mod fallback_chains;
mod fixture;
mod problems;
mod properties;
mod saved;
