//! Columns that contain JSON.

mod attempts;
mod configurations;
mod days;
mod parameters;
mod shape;

pub(crate) use attempts::{read_attempts, write_attempts};
pub(crate) use configurations::{
    read_adopted, read_configuration, write_adopted, write_configuration,
};
pub(crate) use days::{read_days, write_days};
pub(crate) use parameters::{read_parameters, read_relay, write_parameters, write_relay};
