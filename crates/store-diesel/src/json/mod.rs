//! What is kept as JSON.

mod configurations;
mod days;
mod rungs;
mod shape;

pub(crate) use configurations::{read_configuration, read_taken, write_configuration, write_taken};
pub(crate) use days::{read_days, write_days};
pub(crate) use rungs::{read_rungs, write_rungs};
